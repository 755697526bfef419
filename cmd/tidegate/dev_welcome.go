package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
)

// welcome is what dev prints when it serves.
type welcome struct {
	serving, password string
	ids               identities
	ftp, sftp         net.Addr
}

// welcome prints how to connect, one way a line, and the fingerprints to compare.
func (p *program) welcome(w welcome) error {
	prints, err := w.ids.fingerprints()
	if err != nil {
		return err
	}
	ftpAddr, sftpAddr := reachable(w.ftp), reachable(w.sftp)
	host, port, err := net.SplitHostPort(sftpAddr)
	if err != nil {
		return err
	}
	// QueryEscape leaves no character that has a meaning in a shell or a URL.
	user := "dev:" + strings.ReplaceAll(url.QueryEscape(w.password), "+", "%20")
	_, err = fmt.Fprintf(p.stdout, `Serving %[1]s until Ctrl-C, for the user "dev" with the password %[2]q:

  FTP        curl -T FILE ftp://%[3]s@%[4]s/
  FTP + TLS  curl -T FILE --ssl-reqd -k ftp://%[3]s@%[4]s/
  lftp       lftp -e 'set ssl:verify-certificate no' ftp://%[3]s@%[4]s/
  SFTP       sftp -P %[5]s dev@%[6]s
  FileZilla  filezilla ftpes://%[3]s@%[4]s
             filezilla sftp://%[3]s@%[7]s
  WinSCP     winscp ftpes://%[3]s@%[4]s/
             winscp sftp://%[3]s@%[7]s/

Clients that ask whether they may trust this server show one of these fingerprints:

%[8]s
`, w.serving, w.password, user, ftpAddr, port, host, sftpAddr, prints)
	return err
}

// reachable returns an address to connect to: one of this machine's where the server listens
// on all of them.
func reachable(addr net.Addr) string {
	tcp, err := netip.ParseAddrPort(addr.String())
	if err != nil || !tcp.Addr().IsUnspecified() {
		return addr.String()
	}
	host := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	own, err := net.InterfaceAddrs()
	if err != nil {
		own = nil
	}
	for _, a := range own {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && prefix.Addr().Is4() && prefix.Addr().IsGlobalUnicast() {
			host = prefix.Addr()
			break
		}
	}
	return netip.AddrPortFrom(host, tcp.Port()).String()
}
