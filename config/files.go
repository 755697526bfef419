package config

import (
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// These types mark the warnings that are errors for one command.
type (
	// errorInServe marks a problem that the machine which will serve may not have.
	errorInServe struct{}
	// errorHere marks a problem that keeps the machine on which it is found from serving.
	errorHere struct{}
	// errorInCheck marks a problem in spite of which the program can serve.
	errorInCheck struct{}
)

// Escalate turns the warnings that `tidegate serve`, or else `tidegate check`, treats as
// errors into errors.
func Escalate(diags hcl.Diagnostics, serving bool) {
	for _, d := range diags {
		_, inServe := d.Extra.(errorInServe)
		_, inCheck := d.Extra.(errorInCheck)
		if serving && inServe || !serving && inCheck {
			d.Severity = hcl.DiagError
		}
	}
}

// EscalateHere turns the warnings of `tidegate check -here` that keep this machine from
// serving into errors.
func EscalateHere(diags hcl.Diagnostics) {
	for _, d := range diags {
		_, inServe := d.Extra.(errorInServe)
		_, here := d.Extra.(errorHere)
		if inServe || here {
			d.Severity = hcl.DiagError
		}
	}
}

// ProblemInCheck returns a problem in spite of which the program can serve: an error of
// `tidegate check`, and a warning of `tidegate serve`.
func ProblemInCheck(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	d := Warning(at, summary, detail)
	d.Extra = errorInCheck{}
	return d
}

// CheckFile checks that a file can be read. A missing file is a warning.
func CheckFile(file string, at hcl.Range) hcl.Diagnostics {
	f, err := os.Open(file)
	if err != nil {
		return hcl.Diagnostics{Unreadable(at, err)}
	}
	_ = f.Close() // it was not written
	return nil
}

// CheckDirectories reports the files of access logs and audits whose directories are missing.
// That is a warning: the machine that will serve may have them.
func (c *Config) CheckDirectories() Diagnostics {
	var diags Diagnostics
	for _, f := range c.Appended {
		dir := filepath.Dir(f.Path)
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			continue // opening the file reports everything else
		}
		d := Warning(f.At, "No such directory", fmt.Sprintf("%s is not there: make it, and give it to the user of the service. This is an error for tidegate serve.", dir))
		d.Extra = errorInServe{}
		diags = append(diags, d)
	}
	return diags
}

// Unreadable reports a file or a directory that a configuration names and that could not be
// read. A missing file is a warning: the machine that will serve may have it.
func Unreadable(at hcl.Range, err error) *hcl.Diagnostic {
	d := Warning(at, "File is not there", fmt.Sprintf("%v. This is an error for tidegate serve.", err))
	if !errors.Is(err, fs.ErrNotExist) {
		d.Summary = "File cannot be read"
	}
	d.Extra = errorInServe{}
	return d
}

// CheckPrivate warns of a file with a secret that every user of the machine may read.
func CheckPrivate(file string, at hcl.Range) hcl.Diagnostics {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o004 == 0 {
		return nil
	}
	return hcl.Diagnostics{Warning(at, "Every user may read a secret",
		fmt.Sprintf("Every user of this machine may read %s. Run: chmod o-r, and make sure that Tidegate's own user may read it.", file))}
}

// soon is how long before the end of a certificate the warning begins.
const soon = 14 * 24 * time.Hour

// leastRSABits is the length of the shortest RSA key that OpenSSL accepts by default.
const leastRSABits = 2048

// CheckCertificate checks that a certificate and its key, both PEM files, belong together
// and that the certificate is valid now. A missing file is a warning.
func CheckCertificate(certFile, keyFile string, certAt, keyAt hcl.Range) hcl.Diagnostics {
	cert, errCert := os.ReadFile(certFile)
	key, errKey := os.ReadFile(keyFile)
	var diags hcl.Diagnostics
	if errCert != nil {
		diags = append(diags, Unreadable(certAt, errCert))
	}
	if errKey != nil {
		diags = append(diags, Unreadable(keyAt, errKey))
	}
	if len(diags) > 0 {
		return diags
	}
	diags = CheckPrivate(keyFile, keyAt)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return append(diags, Problem(certAt, "Certificate and key cannot be used", fmt.Sprintf("%s and %s: %v.", certFile, keyFile, err)))
	}
	leaf := pair.Leaf
	if key, ok := leaf.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < leastRSABits {
		diags = append(diags, Warning(certAt, "Weak key of a certificate",
			fmt.Sprintf("The RSA key has %d bits. Many clients refuse less than %d.", key.N.BitLen(), leastRSABits)))
	}
	now := time.Now()
	const form = "2006-01-02 15:04 MST"
	switch {
	case now.After(leaf.NotAfter):
		diags = append(diags, ProblemInCheck(certAt, "Certificate has expired", fmt.Sprintf("It was valid until %s. Clients that verify it do not connect.", leaf.NotAfter.UTC().Format(form))))
	case now.Before(leaf.NotBefore):
		diags = append(diags, ProblemInCheck(certAt, "Certificate is not valid yet", fmt.Sprintf("It is valid from %s. Is the clock of this machine right?", leaf.NotBefore.UTC().Format(form))))
	case now.Add(soon).After(leaf.NotAfter):
		diags = append(diags, Warning(certAt, "Certificate expires soon", fmt.Sprintf("It is valid until %s.", leaf.NotAfter.UTC().Format(form))))
	}
	return diags
}

// writtenOut matches an argument whose value is a text in quotes.
var writtenOut = regexp.MustCompile(`(?m)^\s*([A-Za-z_]+)\s*=\s*"([^"$]+)"`)

// emulatorKey is the published key of Microsoft's storage emulator. It is no secret.
const emulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// CheckSources warns of files that hold a secret and that every user of the machine may
// read. Hashes of passwords are no secrets here.
func CheckSources(sources []Source) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, s := range sources {
		for _, m := range writtenOut.FindAllSubmatchIndex(s.Bytes, -1) {
			name, value := string(s.Bytes[m[2]:m[3]]), string(s.Bytes[m[4]:m[5]])
			if value != emulatorKey && (secretName(name) && !strings.Contains(name, "hash") || secretURL(value)) {
				diags = append(diags, CheckPrivate(s.Name, s.at(m[2], m[3]))...)
				break
			}
		}
	}
	return diags
}
