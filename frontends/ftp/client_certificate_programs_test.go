package ftp_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// writePair writes a certificate and its key into two files.
func writePair(t *testing.T, c tls.Certificate) (cert, key string) {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// curl and lftp log in with a client certificate and no password, upload and download. Their
// data connections have the certificate too.
func TestClientCertificateOfPrograms(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"curl", "lftp"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed; make test installs it", program)
		}
	}
	ours := newIssuer(t)
	cert, key := writePair(t, ours.issue("cam", time.Now().Add(time.Hour)))
	up, down := filepath.Join(t.TempDir(), "up"), filepath.Join(t.TempDir(), "down")
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	if err := os.WriteFile(up, content, 0o600); err != nil {
		t.Fatal(err)
	}
	curl := func(version string, more ...string) []string {
		return append([]string{"curl", "-sS", "--ssl-reqd", "-k", "--tls-max", version, "--tlsv1.2"}, more...)
	}
	lftp := func(more, commands string) []string {
		return []string{"lftp", "-c", "set net:max-retries 1; set net:timeout 20; set ssl:verify-certificate no; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; " + more + commands}
	}
	for _, require := range []bool{false, true} {
		for _, reuse := range []ftp.ReuseMode{ftp.ReusePrefer, ftp.ReuseOff} {
			g := startCertified(t, ours.pool(), require, func(o *ftp.Options) { o.Reuse = reuse })
			host, port, err := net.SplitHostPort(g.addr)
			if err != nil {
				t.Fatal(err)
			}
			url := "ftp://cam:@" + g.addr
			own := fmt.Sprintf("set ssl:cert-file %s; set ssl:key-file %s; ", cert, key)
			open := fmt.Sprintf("open -u cam, -p %s ftp://%s; ", port, host)
			for name, step := range map[string]struct {
				run []string
				ok  bool
			}{
				"curl, TLS 1.2":        {curl("1.2", "--cert", cert, "--key", key, "-T", up, url+"/a", "--next", "-sS", "--ssl-reqd", "-k", "--cert", cert, "--key", key, "-o", down, url+"/a"), true},
				"curl, TLS 1.3":        {curl("1.3", "--cert", cert, "--key", key, "-T", up, url+"/b", "--next", "-sS", "--ssl-reqd", "-k", "--cert", cert, "--key", key, "-o", down, url+"/b"), true},
				"curl, no certificate": {curl("1.3", "-T", up, url+"/c"), false},
				"lftp":                 {lftp(own, open+fmt.Sprintf("put %s -o d; get d -o %s; bye", up, down)), true},
				"lftp, no certificate": {lftp("", open+fmt.Sprintf("put %s -o e; bye", up)), false},
			} {
				_ = os.Remove(down)
				ctx, cancel := context.WithTimeout(t.Context(), patience.Limit())
				out, err := exec.CommandContext(ctx, step.run[0], step.run[1:]...).CombinedOutput()
				cancel()
				got, _ := os.ReadFile(down)
				if worked := err == nil; worked != step.ok || step.ok && !bytes.Equal(got, content) {
					t.Errorf("%s, require %v, reuse %s: %v, %d bytes\n%s", name, require, reuse, err, len(got), out)
				}
			}
		}
	}
}
