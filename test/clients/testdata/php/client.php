<?php
// What every script here begins with: a session with the server under test.
// A warning, which is how PHP tells of a refusal, ends the script.
set_error_handler(function ($level, $text) {
    throw new Exception($text);
});

function session(): FTP\Connection
{
    $open = getenv('MODE') === 'tls' ? 'ftp_ssl_connect' : 'ftp_connect';
    $ftp = $open(getenv('HOST'), (int) getenv('PORT'), 60);
    ftp_login($ftp, getenv('USER'), getenv('PASSWORD'));
    ftp_pasv($ftp, true);
    return $ftp;
}

function put(FTP\Connection $ftp, string $name, string $data): void
{
    $from = fopen('php://memory', 'r+');
    fwrite($from, $data);
    rewind($from);
    same(ftp_fput($ftp, $name, $from), true);
}

function get(FTP\Connection $ftp, string $name, int $offset = 0): string
{
    $to = fopen('php://memory', 'r+');
    same(ftp_fget($ftp, $to, $name, FTP_BINARY, $offset), true);
    return stream_get_contents($to, -1, $offset);
}

function names(FTP\Connection $ftp, string $dir = ''): array
{
    $names = ftp_nlist($ftp, $dir);
    sort($names);
    return $names;
}

function same($got, $want): void
{
    if ($got !== $want) {
        throw new Exception(sprintf('got %.200s, want %.200s', var_export($got, true), var_export($want, true)));
    }
}

// refused is for what the server answers with an error.
function refused(callable $work): void
{
    try {
        $got = $work();
    } catch (Exception $e) {
        return;
    }
    throw new Exception('nothing was refused: ' . var_export($got, true));
}
