package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// The commands for which a warning is an error.
type (
	// errorInServe is of what may be otherwise on the machine that will serve.
	errorInServe struct{}
	// errorInCheck is of what keeps nobody from serving.
	errorInCheck struct{}
)

// Escalate makes errors of the warnings that are errors for `tidegate serve`, or
// else for `tidegate check`.
func Escalate(diags hcl.Diagnostics, serving bool) {
	for _, d := range diags {
		_, inServe := d.Extra.(errorInServe)
		_, inCheck := d.Extra.(errorInCheck)
		if serving && inServe || !serving && inCheck {
			d.Severity = hcl.DiagError
		}
	}
}

// Unreadable is about a file, or a directory, that a configuration names and that
// could not be read. One that is not there may be on the machine that will serve.
func Unreadable(at hcl.Range, err error) *hcl.Diagnostic {
	d := Warning(at, "File is not there", fmt.Sprintf("%v. That is an error for tidegate serve.", err))
	if !errors.Is(err, fs.ErrNotExist) {
		d.Summary = "File cannot be read"
	}
	d.Extra = errorInServe{}
	return d
}

// CheckPrivate warns of a file with a secret that everybody on the machine may read.
func CheckPrivate(file string, at hcl.Range) hcl.Diagnostics {
	info, err := os.Stat(file)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o004 == 0 {
		return nil
	}
	return hcl.Diagnostics{Warning(at, "Everybody may read a secret",
		fmt.Sprintf("Every user of this machine may read %s. Write: chmod o-r, and see that Tidegate's own user may read it.", file))}
}

// soon is how long before its end a certificate is warned of.
const soon = 14 * 24 * time.Hour

// CheckCertificate looks at a certificate and its key, both PEM files, as far as
// they are there: whether they belong together, and the certificate's time.
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
		return append(diags, Problem(certAt, "Certificate and key cannot be used", fmt.Sprintf("Of %s and %s: %v.", certFile, keyFile, err)))
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return append(diags, Problem(certAt, "Certificate cannot be used", fmt.Sprintf("Of %s: %v.", certFile, err)))
	}
	now := time.Now()
	const form = "2006-01-02 15:04 MST"
	switch {
	case now.After(leaf.NotAfter):
		d := Warning(certAt, "Certificate has expired", fmt.Sprintf("It was valid until %s. Clients that look at it do not connect.", leaf.NotAfter.UTC().Format(form)))
		d.Extra = errorInCheck{}
		diags = append(diags, d)
	case now.Before(leaf.NotBefore):
		d := Warning(certAt, "Certificate is not valid yet", fmt.Sprintf("It is valid from %s. Is the clock of this machine right?", leaf.NotBefore.UTC().Format(form)))
		d.Extra = errorInCheck{}
		diags = append(diags, d)
	case now.Add(soon).After(leaf.NotAfter):
		diags = append(diags, Warning(certAt, "Certificate expires soon", fmt.Sprintf("It is valid until %s.", leaf.NotAfter.UTC().Format(form))))
	}
	return diags
}

// writtenOut matches an argument whose value is a text, and no expression.
var writtenOut = regexp.MustCompile(`(?m)^\s*([A-Za-z_]+)\s*=\s*"([^"$]+)"`)

// emulatorKey is the key of Microsoft's storage emulator, which is the same
// everywhere and published. It is no secret.
const emulatorKey = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

// CheckSources warns of files that hold a secret and that everybody may read.
// Hashes are none: they are made for that.
func CheckSources(sources []Source) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, s := range sources {
		for _, m := range writtenOut.FindAllSubmatchIndex(s.Bytes, -1) {
			name, value := string(s.Bytes[m[2]:m[3]]), string(s.Bytes[m[4]:m[5]])
			if value != emulatorKey && secretName(name) && !strings.Contains(name, "hash") {
				diags = append(diags, CheckPrivate(s.Name, s.at(m[2], m[3]))...)
				break
			}
		}
	}
	return diags
}
