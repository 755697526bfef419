package main

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // see fingerprints
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// The files of the state folder. The ECDSA key is for clients without Ed25519.
const (
	hostKeyName     = "host_key"
	ecdsaKeyName    = "host_key_ecdsa"
	certificateName = "tls.pem"
	passwordName    = "password"
)

// identities are the files of the keys by which clients recognize the server of dev.
type identities struct {
	hostKeys []string
	// certificate holds the certificate and its key.
	certificate string
}

// identify returns the identities and the password of the state folder, and creates those
// that are missing.
func (o *devOptions) identify() (identities, string, error) {
	folder := o.state
	if folder == "" {
		var err error
		if folder, err = devFolder(); err != nil {
			return identities{}, "", fmt.Errorf("no folder for the host keys and the password: %w; name one: tidegate dev -state FOLDER", err)
		}
	}
	ids, password, err := ensureState(folder, o.renew)
	if err != nil {
		return ids, "", fmt.Errorf("dev: -state: %w", err)
	}
	if o.password != "" {
		password = o.password
	}
	return ids, password, nil
}

// devFolder returns the default folder of the state.
func devFolder() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "tidegate", "dev"), nil
	}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		dir, err := os.UserConfigDir()
		return filepath.Join(dir, "tidegate", "dev"), err
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "state", "tidegate", "dev"), err
}

// ensureState creates what the folder does not have yet, or all of it again.
func ensureState(folder string, renew bool) (identities, string, error) {
	in := func(name string) string { return filepath.Join(folder, name) }
	ids := identities{hostKeys: []string{in(hostKeyName), in(ecdsaKeyName)}, certificate: in(certificateName)}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return ids, "", err
	}
	if renew {
		for _, file := range append(ids.hostKeys, ids.certificate, in(passwordName)) {
			if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return ids, "", err
			}
		}
	}
	password, err := ensurePassword(in(passwordName))
	return ids, password, errors.Join(err, sftp.EnsureHostKey(ids.hostKeys[0]), sftp.EnsureECDSAHostKey(ids.hostKeys[1]), ensureCertificate(ids.certificate))
}

// ensurePassword returns the password in a file, which it creates where it is missing.
func ensurePassword(file string) (string, error) {
	text, err := os.ReadFile(file)
	if password := strings.TrimSpace(string(text)); password != "" {
		return password, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	password := strings.ToLower(rand.Text()[:16])
	return password, writePrivate(file, []byte(password+"\n"))
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
	return writePrivate(file, append(text, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...))
}

// writePrivate writes a file that only its owner may read. After two starts at once it has
// the whole text of one of them.
func writePrivate(file string, text []byte) error {
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
	colons := strings.NewReplacer(" ", ":")
	var b strings.Builder
	fmt.Fprintf(&b, "  certificate, SHA-256  %s\n", colons.Replace(fmt.Sprintf("% x", sha256.Sum256(pair.Certificate[0]))))
	// It is the only one that lftp shows.
	fmt.Fprintf(&b, "  certificate, SHA-1    %s\n", colons.Replace(fmt.Sprintf("% X", sha1.Sum(pair.Certificate[0])))) //nolint:gosec // people compare it, nothing relies on it
	for _, file := range ids.hostKeys {
		algorithm, fingerprint, err := sftp.Fingerprint(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "  host key              %s %s\n", fingerprint, algorithm)
	}
	return b.String(), nil
}
