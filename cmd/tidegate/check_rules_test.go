package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestCheckReports compares what check reports about the files in testdata/check with their
// comments "# ERROR: summary" and "# WARNING: summary". A comment "# check -flag" in the
// first line adds flags.
func TestCheckReports(t *testing.T) {
	paths, err := filepath.Glob("testdata/check/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	values := strings.NewReplacer(checkedFiles(t)...)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text := values.Replace(string(source))
			copied := filepath.Join(t.TempDir(), filepath.Base(path))
			write(t, copied, text)
			if err := os.Chmod(copied, 0o644); err != nil {
				t.Fatal(err)
			}
			args := []string{"check", "-format", "json"}
			if first, _, _ := strings.Cut(text, "\n"); strings.HasPrefix(first, "# check ") {
				args = append(args, strings.Fields(first)[2:]...)
			}
			status, stdout, _ := tidegate(t, "", append(args, copied)...)
			want := reportedBy(string(source))
			if d := cmp.Diff(want, reported(t, stdout, copied)); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, stdout)
			}
			wrong := slices.ContainsFunc(want, func(p string) bool { return strings.Contains(p, " error: ") })
			if (status == exitUsage) != wrong {
				t.Errorf("exit status %d", status)
			}
		})
	}
}

var commented = regexp.MustCompile(`# (ERROR|WARNING): ([^#\n]*)`)

// reportedBy returns the problems in the comments of a source, as "LINE SEVERITY: SUMMARY".
func reportedBy(source string) []string {
	var all []string
	line := 0
	for text := range strings.Lines(source) {
		line++
		for _, m := range commented.FindAllStringSubmatch(text, -1) {
			all = append(all, fmt.Sprintf("%d %s: %s", line, strings.ToLower(m[1]), strings.TrimSpace(m[2])))
		}
	}
	slices.Sort(all)
	return all
}

// reported returns the problems in the output of -format json.
func reported(t *testing.T, stdout, path string) []string {
	t.Helper()
	var doc jsonResult
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	var all []string
	for _, p := range doc.Problems {
		if p.File != path || p.Detail == "" {
			t.Errorf("%q has no place or no detail", p.Summary)
		}
		all = append(all, fmt.Sprintf("%d %s: %s", p.Line, p.Severity, p.Summary))
	}
	slices.Sort(all)
	return all
}

// checkedFiles makes the files that testdata/check names, and returns the values of the
// placeholders.
func checkedFiles(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	ed, ec, rsaFile := hostKeyFiles(t)
	for name, path := range map[string]string{"ed25519": ed, "ecdsa": ec, "rsa": rsaFile} {
		rename(t, path, filepath.Join(dir, name))
	}
	for name, until := range map[string]time.Time{
		"key": time.Now().AddDate(0, 2, 0), "other": time.Now().AddDate(0, 2, 0), "soon": time.Now().AddDate(0, 0, 10), "past": time.Now().Add(-time.Hour),
	} {
		cert, key := pemFiles(t, until)
		rename(t, cert, filepath.Join(dir, name+".pem"))
		rename(t, key, filepath.Join(dir, name+".key"))
	}
	if err := os.Chmod(filepath.Join(dir, "soon.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	rename(t, filepath.Join(dir, "key.key"), filepath.Join(dir, "key.pem"))
	rsaCertificate(t, filepath.Join(dir, "weak"), 1536, time.Now().Add(-time.Hour))
	rsaCertificate(t, filepath.Join(dir, "future"), 2048, time.Now().AddDate(0, 1, 0))
	return []string{
		"@DIR@", dir, "@SOON@", time.Now().AddDate(0, 0, 5).UTC().Format(time.RFC3339),
		"@TAKEN@", takenPort(t),
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// rsaCertificate writes a certificate with an RSA key, and the key.
func rsaCertificate(t *testing.T, path string, bits int, from time.Time) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: from.AddDate(1, 0, 0)}
	cert, errCert := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	private, errKey := x509.MarshalPKCS8PrivateKey(key)
	if errCert != nil || errKey != nil {
		t.Fatal(errCert, errKey)
	}
	write(t, path+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, path+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

// takenPort returns an address on which another program listens.
func takenPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}
