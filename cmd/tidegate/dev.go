package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"unicode"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/azurite"
	"github.com/tidegate/tidegate/internal/portholder"
)

const devDetails = `The user is called dev. Host keys, the certificate and the password are created
at the first start and kept, so scripts and the known servers of clients stay
valid. They are in the state folder: $XDG_STATE_HOME/tidegate/dev, by default
~/.local/state/tidegate/dev.

DIR is tidegate-files where it is not given. With -azurite, the files are blobs in
Azurite, Microsoft's emulator of Azure Storage, which dev starts and ends. Azurite
keeps its content in DIR, by default tidegate-azurite. dev finds it where npm has
installed it, and downloads nothing:

  ` + azurite.Install + `

Exit status:
  0  stopped by a signal
  1  it could not start, or failed
  2  the command line is wrong`

// devOptions are the flags of dev.
type devOptions struct {
	set                   *flag.FlagSet
	dir                   string
	listen, passive, sftp string
	password, state       string
	renew, azurite        bool
	log                   logFlags
}

func newDevOptions() *devOptions {
	o := &devOptions{set: newFlags("dev")}
	o.set.StringVar(&o.listen, "listen", "127.0.0.1:2121", "the control port's `address`; 0.0.0.0:2121 serves the network")
	o.set.StringVar(&o.passive, "passive", "", "the data port's `address`, or a range such as 127.0.0.1:2122-2129; by default the port after that of -listen")
	o.set.StringVar(&o.sftp, "sftp", "", "the SFTP port's `address`; by default the port 101 after that of -listen")
	o.set.StringVar(&o.password, "password", "", "the user's `password` for this start, which is not kept")
	o.set.StringVar(&o.state, "state", "", "the `folder` of the host keys, the certificate and the password")
	o.set.BoolVar(&o.renew, "renew", false, "make a new password, certificate and host keys")
	o.log.add(o.set)
	o.set.BoolVar(&o.azurite, "azurite", false, "serve a container of Azurite, which must be installed")
	return o
}

// dev serves a directory, or a container of Azurite, with one user.
func (p *program) dev(ctx context.Context, args []string) error {
	o := newDevOptions()
	rest, err := p.parse(o.set, args, 0, 1)
	if err != nil {
		return err
	}
	if err := o.complete(rest); err != nil {
		return err
	}
	ids, password, err := o.identify()
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return usageError{fmt.Sprintf("dev: -password: %v", err), o.set.Name()}
	}
	values := devValues{Dir: o.dir, Hash: hash, Listen: o.listen, Passive: o.passive, SFTP: o.sftp, Certificate: ids.certificate, HostKeys: ids.hostKeys}
	serving := o.dir
	if o.azurite {
		emulator, err := startDevAzurite(ctx, o.dir)
		if err != nil {
			return err
		}
		defer emulator.stop(p)
		var cancel context.CancelCauseFunc
		ctx, cancel = context.WithCancelCause(ctx)
		defer cancel(nil)
		defer emulator.watch(cancel)()
		emulator.fill(&values)
		serving = fmt.Sprintf("the container %s of Azurite at %s", values.Container, values.Endpoint)
	}
	c, err := p.devConfig(values, o.set)
	if err != nil {
		return err
	}
	o.log.apply(&c.Log)
	err = serve(ctx, c, newLog(p.stderr, c.Log, c.Log.Level, c.Node.Name), nil, func(g *gateway.Gateway) error {
		return p.welcome(welcome{serving: serving, password: password, ids: ids, ftp: g.Servers()[0].Addr(), sftp: g.Servers()[1].Addr()})
	})
	if ended := context.Cause(ctx); errors.Is(ended, errAzuriteEnded) {
		return errors.Join(ended, err)
	}
	return o.startError(err)
}

// complete sets what the command line leaves open.
func (o *devOptions) complete(rest []string) error {
	o.dir = "tidegate-files"
	if o.azurite {
		o.dir = "tidegate-azurite"
	}
	if len(rest) > 0 {
		o.dir = rest[0]
	}
	// An address that cannot be parsed is reported as a problem of the configuration.
	host, port, err := net.SplitHostPort(o.listen)
	if n, e := strconv.Atoi(port); err == nil && e == nil {
		next := func(distance int) string {
			if n == 0 {
				return net.JoinHostPort(host, "0")
			}
			return net.JoinHostPort(host, strconv.Itoa(n+distance))
		}
		if o.passive == "" {
			o.passive = next(1)
		}
		if o.sftp == "" {
			o.sftp = next(101)
		}
	}
	if strings.ContainsFunc(o.password, unicode.IsControl) {
		return usageError{"dev: -password: a control character cannot be typed into a client", o.set.Name()}
	}
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	return os.MkdirAll(o.dir, 0o755)
}

// startError adds the flag of the port that cannot be listened on.
func (o *devOptions) startError(err error) error {
	failed, ok := errors.AsType[*net.OpError](err)
	_, start := errors.AsType[*startError](err)
	if !ok || !start || failed.Addr == nil || bindHint(err) == "" {
		return err
	}
	_, port, _ := net.SplitHostPort(failed.Addr.String())
	name := "passive"
	for other, addr := range map[string]string{"sftp": o.sftp, "listen": o.listen} {
		if _, p, _ := net.SplitHostPort(addr); p == port {
			name = other
		}
	}
	why := "choose another address"
	if errors.Is(err, syscall.EADDRINUSE) {
		why = "the port is in use by " + portholder.Of(failed.Addr) + ". Stop it, or choose another port"
	}
	return fmt.Errorf("%w: %s: tidegate dev %s", err, why, o.other(name))
}

// other returns a flag that chooses another port. If the flag called name was not given, its
// port follows from the port of -listen. Then other returns a -listen that changes all ports.
func (o *devOptions) other(name string) string {
	given := false
	o.set.Visit(func(f *flag.Flag) { given = given || f.Name == name })
	if host, port, err := net.SplitHostPort(o.listen); err == nil && !given {
		if n, err := strconv.Atoi(port); err == nil {
			return "-listen " + net.JoinHostPort(host, strconv.Itoa(n+10))
		}
	}
	return "-" + name + " 127.0.0.1:PORT"
}
