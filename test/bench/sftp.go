package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
)

// outstanding is how many requests of 32 KiB are under way at once, as with
// OpenSSH's client.
const outstanding = 64

// sftp is a session of SFTP.
type sftp struct {
	*sftplib.Client
	ssh *ssh.Client
	// stop takes back the closing of the connection at the end of the context.
	stop func() bool
	*downloads
}

// sftpWith is SFTP with AES-128-GCM, which logs in with the user's key.
func sftpWith(k *keys) protocol {
	return protocol{"SFTP", sftpFrontend, func(ctx context.Context, address string, from net.IP) (client, error) {
		c, err := dialSFTP(ctx, k, address, from)
		if err != nil {
			return nil, err
		}
		return c, nil
	}}
}

func dialSFTP(ctx context.Context, k *keys, address string, from net.IP) (sftp, error) {
	conn, err := dialer(from).DialContext(ctx, "tcp", address)
	if err != nil {
		return sftp{}, err
	}
	c := sftp{downloads: &downloads{}, stop: context.AfterFunc(ctx, func() { _ = conn.Close() })}
	config := &ssh.ClientConfig{
		Config: ssh.Config{Ciphers: []string{gcm}},
		User:   user, Auth: []ssh.AuthMethod{ssh.PublicKeys(k.user)},
		HostKeyCallback: ssh.FixedHostKey(k.host.PublicKey()), HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	}
	sc, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if err == nil {
		c.ssh = ssh.NewClient(sc, channels, requests)
		// FSTAT knows the size as well as STAT, which asks the store again.
		c.Client, err = sftplib.NewClient(c.ssh, sftplib.UseConcurrentWrites(true),
			sftplib.MaxConcurrentRequestsPerFile(outstanding), sftplib.UseFstat(true))
	}
	if err != nil {
		c.stop()
		return sftp{}, errors.Join(err, conn.Close())
	}
	return c, nil
}

func (c sftp) put(name string, r io.Reader) error {
	return c.write(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, r)
}

// write sends a file. That its CLOSE is answered OK says that it is stored.
func (c sftp) write(name string, flags int, r io.Reader) error {
	f, err := c.OpenFile(name, flags)
	if err != nil {
		return err
	}
	_, err = f.ReadFromWithConcurrency(r, outstanding)
	return errors.Join(err, f.Close())
}

// writeBytes is what clients put into a WRITE.
const writeBytes = 32 << 10

// putShuffled sends a file of size bytes. As many WRITEs as may be outstanding are
// sent in a random order, and then the next ones.
func (c sftp) putShuffled(name string, size int64, order *rand.Rand) error {
	f, err := c.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	for start := int64(0); start < size && err == nil; start += outstanding * writeBytes {
		var writes errgroup.Group
		left := (min(size-start, outstanding*writeBytes) + writeBytes - 1) / writeBytes
		for _, i := range order.Perm(int(left)) {
			off := start + int64(i)*writeBytes
			writes.Go(func() error {
				_, err := f.WriteAt(pattern[:min(size-off, writeBytes)], off)
				return err
			})
		}
		err = writes.Wait()
	}
	return errors.Join(err, f.Close())
}

func (c sftp) get(name string, w io.Writer) error {
	if err := c.downloads.open(c); err != nil {
		return err
	}
	return c.downloads.get(name, w)
}

// The packets of a listing, and the code of its end.
const (
	typeOpendir, typeReaddir                = 11, 12
	typeStatus, typeHandle, typeName        = 101, 102, 104
	statusEOF                        uint32 = 1
)

// list asks for one piece after the other, as OpenSSH's client does, and keeps
// none. The library would keep all and return nothing before the last.
func (c sftp) list(dir string) (l listed, err error) {
	begin := time.Now()
	t, err := sftpclient.Open(c.ssh)
	if err != nil {
		return l, err
	}
	defer func() { _ = t.Close() }()
	p, err := t.Ask(typeOpendir, sftpclient.String(dir))
	if err != nil {
		return l, err
	}
	if p.Kind != typeHandle {
		return l, refused("OPENDIR", p)
	}
	handle := sftpclient.String(p.String(0))
	for {
		if p, err = t.Ask(typeReaddir, handle); err != nil {
			return l, err
		}
		if p.Kind != typeName {
			break
		}
		if l.entries == 0 {
			l.first = time.Since(begin)
		}
		l.entries += int(binary.BigEndian.Uint32(p.Body))
	}
	if code, _ := p.Status(); code != statusEOF {
		return l, refused("READDIR", p)
	}
	l.all = time.Since(begin)
	l.entries -= 2 // "." and ".."
	return l, nil
}

func refused(request string, p sftpclient.Packet) error {
	code, text := p.Status()
	return fmt.Errorf("%s: status %d, %s", request, code, text)
}

func (c sftp) close() {
	c.stop()
	_ = c.ssh.Close()
}
