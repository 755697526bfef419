package main

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed" // for dev.hcl
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/auth"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// devSource is the configuration that dev serves, a template of HCL: there is
// one way from a configuration to a running server.
//
//go:embed dev.hcl
var devSource string

// dev serves a directory on loopback, with one user and a new password.
func (p *program) dev(ctx context.Context, args []string) error {
	flags := newFlags("dev")
	listen := flags.String("listen", "127.0.0.1:2121", "the control port's `address`")
	sftpListen := flags.String("sftp", "127.0.0.1:2222", "the SFTP port's `address`")
	keyFile := flags.String("host-key", "", "the SFTP host key's `file`, made when it is not there; by default one of the user's configuration")
	passive := flags.String("passive", "127.0.0.1:2122", "the data port's `address`, or a range such as 127.0.0.1:2122-2129")
	rest, err := p.parse(flags, args, 0, 1)
	if err != nil {
		return err
	}
	// What was uploaded should still be there after the next start, and be
	// easy to find.
	dir := "tidegate-files"
	if len(rest) > 0 {
		dir = rest[0]
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if *keyFile == "" {
		if *keyFile, err = devHostKey(); err != nil {
			return err
		}
	}
	if err := sftp.EnsureHostKey(*keyFile); err != nil {
		return err
	}
	fingerprint, err := sftp.Fingerprint(*keyFile)
	if err != nil {
		return err
	}
	password := strings.ToLower(rand.Text()[:16])
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	c, err := p.devConfig(devValues{dir, hash, *listen, *passive, *sftpListen, *keyFile})
	if errors.Is(err, errReported) {
		return usageError{"dev: the configuration above is made from the flags", helpOf(flags)}
	} else if err != nil {
		return err
	}
	err = serve(ctx, c, newLog(p.stderr, c.Log), func(g *gateway) error {
		return p.welcome(dir, password, fingerprint, g.servers[0].Addr(), g.servers[1].Addr())
	})
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; for dev these are the flags -listen, -passive and -sftp, such as -listen 127.0.0.1:2131", err)
	}
	return err
}

// devHostKey returns the file of a host key that stays the same at each start,
// so that clients trust it once.
func devHostKey() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no place for the SFTP host key: %w; write -host-key FILE", err)
	}
	dir = filepath.Join(dir, "tidegate")
	return filepath.Join(dir, "dev_host_key"), os.MkdirAll(dir, 0o700)
}

// devValues fill the template.
type devValues struct{ Dir, Hash, Listen, Passive, SFTP, HostKey string }

func (p *program) devConfig(values devValues) (*config.Config, error) {
	t, err := template.New("dev.hcl").Funcs(template.FuncMap{"quote": config.Quote}).Parse(devSource)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := t.Execute(&text, values); err != nil {
		return nil, err
	}
	sources := []config.Source{{Name: "dev.hcl", Bytes: text.Bytes()}}
	c, diags := config.Load(sources, registry())
	return c, p.report(sources, diags)
}

// welcome tells how to connect, one way a line.
func (p *program) welcome(dir, password, fingerprint string, addr, sftpAddr net.Addr) error {
	url := fmt.Sprintf("ftp://dev:%s@%s/", password, addr)
	host, port, err := net.SplitHostPort(sftpAddr.String())
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, `Serving %s until Ctrl-C, for the user "dev" with the password %q:

  FTP        curl -T FILE %s
  FTP + TLS  curl -T FILE --ssl-reqd -k %s
  SFTP       sftp -P %s dev@%s
  lftp       lftp -e 'set ssl:verify-certificate no' %s

The certificate is self-signed and new at each start: clients ask whether to trust it.
The SFTP host key stays the same: %s

`, dir, password, url, url, port, host, url, fingerprint)
	return err
}
