package main

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed" // for dev.hcl
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"unicode"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/internal/auth"
)

// devSource is the configuration that dev serves, a template of HCL. So dev runs the same
// code as serve.
//
//go:embed dev.hcl
var devSource string

// dev serves a directory on loopback, with one user.
func (p *program) dev(ctx context.Context, args []string) error {
	flags := newFlags("dev")
	listen := flags.String("listen", "127.0.0.1:2121", "the control port's `address`")
	sftpListen := flags.String("sftp", "127.0.0.1:2222", "the SFTP port's `address`")
	keyFile := flags.String("host-key", "", "the `file` of the SFTP host key. If it does not exist, dev creates it, the ECDSA key FILE_ecdsa and the certificate FILE_tls.pem. By default it is in the user's directory for configurations")
	passive := flags.String("passive", "127.0.0.1:2122", "the data port's `address`, or a range such as 127.0.0.1:2122-2129")
	password := flags.String("password", "", "the user's `password`; by default a random one at each start")
	rest, err := p.parse(flags, args, 0, 1)
	if err != nil {
		return err
	}
	// Uploaded files should be there after the next start, and easy to find.
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
			return fmt.Errorf("no directory for the host keys: %w; name a file: tidegate dev -host-key FILE", err)
		}
	}
	ids, err := ensureIdentities(*keyFile)
	if err != nil {
		return fmt.Errorf("-host-key: %w", err)
	}
	*password = cmp.Or(*password, strings.ToLower(rand.Text()[:16]))
	if strings.ContainsFunc(*password, unicode.IsControl) {
		return usageError{"dev: -password: a control character cannot be typed into a client", helpOf(flags)}
	}
	hash, err := auth.HashPassword(*password)
	if err != nil {
		return usageError{fmt.Sprintf("dev: -password: %v", err), helpOf(flags)}
	}
	values := devValues{dir, hash, *listen, *passive, *sftpListen, ids.certificate, ids.hostKeys}
	c, err := p.devConfig(values, flags)
	if err != nil {
		return err
	}
	err = serve(ctx, c, newLog(p.stderr, c.Log, c.Log.Level, c.Node.Name), nil, func(g *gateway.Gateway) error {
		return p.welcome(dir, *password, ids, g.Servers()[0].Addr(), g.Servers()[1].Addr())
	})
	return devStartError(err, flags)
}

// devHostKey returns the default file of the host key. The key is the same at each start,
// so that a user has to confirm it only once.
func devHostKey() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, "tidegate")
	return filepath.Join(dir, "dev_host_key"), os.MkdirAll(dir, 0o700)
}

// devStartError adds the flag of the port that cannot be listened on.
func devStartError(err error, flags *flag.FlagSet) error {
	failed, ok := errors.AsType[*net.OpError](err)
	_, start := errors.AsType[*startError](err)
	if !ok || !start || failed.Addr == nil || bindHint(err) == "" {
		return err
	}
	_, port, _ := net.SplitHostPort(failed.Addr.String())
	name := "passive"
	for _, other := range []string{"sftp", "listen"} {
		if _, p, _ := net.SplitHostPort(flags.Lookup(other).Value.String()); p == port {
			name = other
		}
	}
	why := "choose another address"
	if errors.Is(err, syscall.EADDRINUSE) {
		why = "another program uses the port. Stop it, or choose another port"
	}
	return fmt.Errorf("%w: %s: tidegate dev -%s 127.0.0.1:PORT", err, why, name)
}
