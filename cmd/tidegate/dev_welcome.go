package main

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// identities are the files of the keys by which clients recognize the server of dev.
type identities struct {
	hostKeys []string
	// certificate holds the certificate and its key.
	certificate string
}

// ensureIdentities creates the missing ones of the host key in the file, an ECDSA host key
// beside it, for clients without Ed25519, and a certificate.
func ensureIdentities(keyFile string) (identities, error) {
	ids := identities{hostKeys: []string{keyFile}, certificate: keyFile + "_tls.pem"}
	if err := sftp.EnsureHostKey(keyFile); err != nil {
		return ids, err
	}
	algorithm, _, err := sftp.Fingerprint(keyFile)
	if err != nil {
		return ids, err
	}
	// The user's own file may hold an ECDSA key; a second key of that algorithm would not
	// be used.
	if algorithm == "ssh-ed25519" {
		second := keyFile + "_ecdsa"
		if err := sftp.EnsureECDSAHostKey(second); err != nil {
			return ids, err
		}
		ids.hostKeys = append(ids.hostKeys, second)
	}
	return ids, ensureCertificate(ids.certificate)
}

// certificateRest is the shortest remaining time of a certificate that is kept; check warns
// of certificates that expire soon.
const certificateRest = 31 * 24 * time.Hour

// ensureCertificate creates a certificate with its key in one file, unless the file has one
// that is valid for long enough.
func ensureCertificate(file string) error {
	if pair, err := tls.LoadX509KeyPair(file, file); err == nil && time.Until(pair.Leaf.NotAfter) > certificateRest {
		return nil
	}
	made, err := ftp.SelfSigned()
	if err != nil {
		return err
	}
	key, err := x509.MarshalPKCS8PrivateKey(made.Certificates[0].PrivateKey)
	if err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificates[0].Certificate[0]})
	text = append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	// The rename leaves one whole file after two starts at once. Only the owner may read a
	// file of CreateTemp.
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// fingerprints returns a line for each identity, as clients show them.
func (ids identities) fingerprints() (string, error) {
	pair, err := tls.LoadX509KeyPair(ids.certificate, ids.certificate)
	if err != nil {
		return "", err
	}
	hex := strings.ReplaceAll(fmt.Sprintf("% x", sha256.Sum256(pair.Certificate[0])), " ", ":")
	var b strings.Builder
	fmt.Fprintf(&b, "  certificate, SHA-256  %s\n", hex)
	for _, file := range ids.hostKeys {
		algorithm, fingerprint, err := sftp.Fingerprint(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "  host key              %s %s\n", fingerprint, algorithm)
	}
	return b.String(), nil
}

// welcome prints how to connect, one way a line, and the fingerprints to compare.
func (p *program) welcome(dir, password string, ids identities, addr, sftpAddr net.Addr) error {
	host, port, err := net.SplitHostPort(sftpAddr.String())
	if err != nil {
		return err
	}
	prints, err := ids.fingerprints()
	if err != nil {
		return err
	}
	// QueryEscape leaves no character that has a meaning in a shell or a URL.
	user := "dev:" + strings.ReplaceAll(url.QueryEscape(password), "+", "%20")
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
`, dir, password, user, addr, port, host, sftpAddr, prints)
	return err
}
