package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// gcm is AES-128-GCM, as SSH calls it.
const gcm = ssh.CipherAES128GCM

// byOpenSSH moves files with OpenSSH's own client, which gets more arguments.
// Logging in is no part of what is measured.
func byOpenSSH(more ...string) mover {
	return func(ctx context.Context, s *site, d direction, n int, size int64) (m moved, err error) {
		clients := make([]*openSSH, n)
		for i := range clients {
			if clients[i], err = s.dialOpenSSH(ctx, more...); err != nil {
				return m, err
			}
			defer func() { err = errors.Join(err, clients[i].close()) }()
		}
		return s.gateway.moving(int64(n)*size, func() error {
			return together(clients, func(i int, c *openSSH) error { return c.move(d, streamName(i), size) })
		})
	}
}

// openSSH is a session of OpenSSH's own client, sftp, which carries out the
// commands of a batch that is written while it runs.
type openSSH struct {
	cmd    *exec.Cmd
	batch  io.WriteCloser
	out    *bufio.Scanner
	stderr bytes.Buffer
	// hole is a file to send.
	hole string
}

// dialOpenSSH starts the client, with more arguments, and waits until it is
// logged in.
func (s *site) dialOpenSSH(ctx context.Context, more ...string) (*openSSH, error) {
	host, port, err := net.SplitHostPort(s.gateway.addresses[sftpFrontend])
	if err != nil {
		return nil, err
	}
	k := s.b.keys
	args := []string{"-b", "-", "-F", "none", "-P", port, "-i", k.userFile}
	for _, option := range []string{
		"IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "HostKeyAlias=" + hostAlias,
		"UserKnownHostsFile=" + k.knownHosts, "GlobalKnownHostsFile=none", "LogLevel=ERROR",
	} {
		args = append(args, "-o", option)
	}
	c := &openSSH{cmd: exec.CommandContext(ctx, "sftp", append(append(args, more...), user+"@"+host)...)}
	c.hole = filepath.Join(s.b.dir, "hole")
	c.cmd.Stderr = &c.stderr
	c.cmd.WaitDelay = patience.Limit()
	if c.batch, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	if err := c.do("pwd"); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// do carries out one command. The client ends itself when that fails.
func (c *openSSH) do(command string) error {
	// The output of a local command shows that the one before it is done.
	const done = "that was it"
	if _, err := fmt.Fprintf(c.batch, "%s\n!echo %s\n", command, done); err != nil {
		return err
	}
	for c.out.Scan() {
		if c.out.Text() == done {
			return nil
		}
	}
	return fmt.Errorf("sftp ended at %q", command)
}

// move moves one file, whose content is a hole, or is forgotten.
func (c *openSSH) move(d direction, name string, size int64) error {
	if d == get {
		return c.do(strings.Join([]string{"get", name, os.DevNull}, " "))
	}
	f, err := os.Create(c.hole)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		return err
	}
	return c.do(strings.Join([]string{"put", c.hole, name}, " "))
}

func (c *openSSH) close() error {
	err := errors.Join(c.batch.Close(), c.cmd.Wait())
	if err != nil {
		err = fmt.Errorf("sftp: %w: %s", err, c.stderr.String())
	}
	return err
}
