# What every script here begins with: a session with the server under test.
package client;

use strict;
use warnings;
use Exporter 'import';
use Net::FTP;

our @EXPORT = qw(session content put get same refused);

sub session {
    my $ftp = Net::FTP->new($ENV{HOST}, Port => $ENV{PORT}, Passive => 1, Timeout => 60, SSL_ca_file => $ENV{CA})
        or die "connect: $@";
    if ($ENV{MODE} eq 'tls') {
        $ftp->starttls or die 'AUTH TLS: ', $ftp->message;
    }
    $ftp->login($ENV{USER}, $ENV{PASSWORD}) or die 'login: ', $ftp->message;
    $ftp->binary;
    return $ftp;
}

sub content {
    my ($file) = @_;
    open my $in, '<:raw', $file or die "$file: $!";
    local $/;
    return scalar(<$in>) // '';
}

sub put {
    my ($ftp, $name, $data) = @_;
    open my $from, '<', \$data or die $!;
    defined $ftp->put($from, $name) && $ftp->code == 226 or die "STOR $name: ", $ftp->code, ' ', $ftp->message;
}

sub get {
    my ($ftp, $name, $rest) = @_;
    my $data = '';
    open my $to, '>', \$data or die $!;
    defined $ftp->get($name, $to, $rest) && $ftp->code == 226 or die "RETR $name: ", $ftp->code, ' ', $ftp->message;
    return $data;
}

sub same {
    my ($got, $want) = @_;
    return if $got eq $want;
    die sprintf "got %.200s (%d), want %.200s (%d)", $got, length $got, $want, length $want;
}

sub refused {
    my ($ftp, $code, $result) = @_;
    die "answered $result: ", $ftp->message if $result;
    same($ftp->code, $code);
}

1;
