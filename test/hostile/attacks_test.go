package hostile

import (
	"bufio"
	"context"
	"crypto/rand"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// attack is a row. The function attack takes as much of a resource as the hostile user gets. If
// the user cannot hold the resource, it continues in the background until ctx ends. check, if not
// nil, is called after the honest user's turns.
type attack struct {
	name   string
	attack func(ctx context.Context, s *site) (check func())
	// port is true for what is about the passive port: the honest user comes over FTP.
	port bool
}

func attacks() []attack {
	return []attack{
		{name: "directories", attack: openDirectories},
		{name: "listings over FTP", attack: listAndReadNothing, port: true},
		{name: "downloads", attack: openDownloads},
		{name: "uploads", attack: openUploads},
		{name: "silent connections", attack: connectAndSayNothing},
		{name: "hashes", attack: hashFiles},
		{name: "wrong passwords", attack: guessPasswords},
		{name: "key exchanges", attack: exchangeKeys},
		{name: "changes of a client that leaves", attack: changeAndLeave},
		{name: "passive ports", attack: reserveAndLeave, port: true},
		{name: "far reads", attack: readFarApart},
	}
}

func openDirectories(ctx context.Context, s *site) func() {
	s.flood(ctx, 1, 1, wire.BeginRequest(wire.TypeOpendir, 1).Text("/dir"), func(c *channel, handle string) int {
		c.send(wire.BeginRequest(wire.TypeReaddir, 2).Text(handle))
		return 1
	})
	return nil
}

// listAndReadNothing has sessions of FTP that list the directory and take nothing of it.
func listAndReadNothing(ctx context.Context, s *site) func() {
	const sessions = 80
	var group sync.WaitGroup
	for range sessions {
		c := s.ftp("mallory")
		group.Go(func() {
			addr, err := c.ExtendedPassive()
			if err != nil {
				s.t.Error(err)
				return
			}
			data, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
			if err != nil {
				s.t.Error(err)
				return
			}
			context.AfterFunc(ctx, func() { _ = data.Close() })
			if err := data.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
				s.t.Error(err)
			}
			if _, err := c.Do("LIST /dir", 150); err != nil {
				s.t.Error(err)
			}
		})
	}
	group.Wait()
	return func() {
		begun := time.Now()
		list, err := s.bobFTP.List("/dir", begun)
		if err != nil || len(list) != entries {
			s.t.Errorf("the honest user's listing has %d entries of %d: %v", len(list), entries, err)
		}
		s.t.Logf("a listing of %d entries takes the honest user %v", entries, time.Since(begun).Round(time.Millisecond))
	}
}

func openDownloads(ctx context.Context, s *site) func() {
	s.flood(ctx, channels, 13, openLarge(), func(c *channel, handle string) int {
		for _, offset := range []uint64{255 << 10, 510 << 10, 32 << 20} {
			c.send(wire.BeginRequest(wire.TypeRead, 2).Text(handle).Uint64(offset).Uint32(1))
		}
		return 3
	})
	return nil
}

func openLarge() wire.Packet {
	return wire.BeginRequest(wire.TypeOpen, 1).Text("/large").Uint32(wire.OpenRead).Uint32(0)
}

func openUploads(ctx context.Context, s *site) func() {
	s.flood(ctx, channels, 13, wire.BeginRequest(wire.TypeOpen, 1).Text("/up").Uint32(wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate).Uint32(0),
		func(c *channel, handle string) int {
			c.send(wire.BeginRequest(wire.TypeWrite, 2).Text(handle).Uint64(0).Text("x"))
			return 1
		})
	return nil
}

func connectAndSayNothing(ctx context.Context, s *site) func() {
	for range 3 * maxLogins {
		s.dial(ctx)
	}
	s.bob = nil // and has to log in
	return nil
}

func hashFiles(ctx context.Context, s *site) func() {
	for range 10 {
		c := s.ftp("mallory")
		go func() {
			for ctx.Err() == nil {
				if err := c.Send("HASH large"); err != nil {
					return
				}
				if _, err := c.Receive(); err != nil {
					return
				}
			}
		}()
	}
	return nil
}

// again calls do in many goroutines, until the test ends, each time with another local
// address, and returns when do has been called often enough for all of them to be busy.
func (s *site) again(ctx context.Context, goroutines int, do func(from *net.Dialer)) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	s.t.Cleanup(func() {
		cancel()
		group.Wait()
	})
	begun := make(chan struct{}, goroutines)
	for i := range goroutines {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				from := net.IPv4(127, 0, byte(1+i), byte(1+n%250))
				do(&net.Dialer{LocalAddr: &net.TCPAddr{IP: from}, Timeout: takeFor})
				if n == 0 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range goroutines {
		select {
		case <-begun:
		case <-ctx.Done():
		}
	}
}

// guessPasswords has connections of many addresses that log in with wrong passwords.
func guessPasswords(ctx context.Context, s *site) func() {
	go s.again(ctx, 100, func(from *net.Dialer) {
		c, err := from.DialContext(ctx, "tcp", s.process.Addr("ftp.public"))
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
		in := bufio.NewReader(c)
		for _, line := range []string{"", "USER " + rand.Text() + "\r\n", "PASS wrong\r\n"} {
			if _, err := c.Write([]byte(line)); err != nil {
				return
			}
			if _, err := in.ReadString('\n'); err != nil {
				return
			}
		}
	})
	s.bob = nil // and has to log in
	return nil
}

// exchangeKeys begins one key exchange after the other, of the kind that costs the server
// the most and the client nothing: its part of the secret is a constant.
func exchangeKeys(ctx context.Context, s *site) func() {
	packet := func(payload []byte) []byte {
		padding := 8 - (len(payload)+5)%8 + 8
		p := wire.Packet{}.Uint32(uint32(1 + len(payload) + padding))
		p = append(append(p, byte(padding)), payload...)
		return append(p, make([]byte, padding)...)
	}
	list := func(names ...string) wire.Packet { return wire.Packet{}.Text(strings.Join(names, ",")) }
	offer := append(wire.Packet{20}, make([]byte, 16)...) // SSH_MSG_KEXINIT and the cookie
	for _, names := range []wire.Packet{
		list("diffie-hellman-group14-sha256"), list("ssh-ed25519", "ecdsa-sha2-nistp256"),
		list("aes128-ctr"), list("aes128-ctr"), list("hmac-sha2-256"), list("hmac-sha2-256"), list("none"), list("none"), list(), list(),
	} {
		offer = append(offer, names...)
	}
	offer = append(offer, 0, 0, 0, 0, 0)
	begin := append(append([]byte("SSH-2.0-Hostile\r\n"), packet(offer)...), packet(append([]byte{30}, wire.Packet{}.Text("\x02")...))...)
	go s.again(ctx, 20, func(from *net.Dialer) {
		c, err := from.DialContext(ctx, "tcp", s.process.Addr("sftp.public"))
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
		if _, err := c.Write(begin); err != nil {
			return
		}
		in := bufio.NewReader(c)
		if _, err := in.ReadString('\n'); err != nil {
			return
		}
		// The server's offer, and its answer with the secret.
		for range 2 {
			if _, _, err := wire.ReadPacket(in); err != nil {
				return
			}
		}
	})
	return nil
}

// changeAndLeave asks for directories and leaves without waiting for the answers.
func changeAndLeave(_ context.Context, s *site) func() {
	const each = 1000
	var group sync.WaitGroup
	var clients []*ssh.Client
	for range connections {
		c := s.ssh("mallory")
		clients = append(clients, c)
		for range channels {
			ch := open(s.t, c)
			group.Go(func() {
				for i := range each {
					ch.send(wire.BeginRequest(wire.TypeMkdir, uint32(i)).Text("/" + rand.Text()).Uint32(0))
				}
			})
		}
	}
	group.Wait()
	for _, c := range clients {
		_ = c.Close()
	}
	left := s.stub.Seq()
	return func() {
		after := 0
		for _, r := range s.stub.Requests(left) {
			if strings.HasPrefix(r.Blob, "mallory/") {
				after++
			}
		}
		s.t.Logf("%d of %d changes reached the store after the client had left", after, connections*channels*each)
		if most := connections * (channels + 32) * 3; after > most {
			s.t.Errorf("%d requests to the store for a client that had left, want at most %d", after, most)
		}
	}
}

// reserveAndLeave reserves the passive port and leaves, again and again.
func reserveAndLeave(ctx context.Context, s *site) func() {
	go s.again(ctx, 4, func(*net.Dialer) {
		c, err := ftpclient.Dial(ctx, s.process.Addr("ftp.public"), ftpclient.Options{Timeout: takeFor})
		if err != nil {
			return
		}
		defer c.Close()
		if err := c.Login("mallory", password); err == nil {
			_, _ = c.ExtendedPassive()
		}
	})
	return nil
}

// readFarApart reads single bytes at alternating ends of a large file.
func readFarApart(ctx context.Context, s *site) func() {
	const reads = 20
	before := s.stub.Seq()
	s.flood(ctx, 1, 1, openLarge(), func(c *channel, handle string) int {
		for i := range uint64(reads) {
			c.send(wire.BeginRequest(wire.TypeRead, 2).Text(handle).Uint64(i % 2 * (largeSize / 2)).Uint32(1))
		}
		return reads
	})
	var sent int64
	requests := 0
	for _, r := range s.stub.Requests(before) {
		if strings.HasPrefix(r.Blob, "mallory/large") {
			sent += r.Out
			requests++
		}
	}
	return func() {
		s.t.Logf("%d bytes that were read are %d KiB in %d requests to the store", connections*reads, sent>>10, requests)
		if most := int64(connections * (reads + 16) * 64 << 10); sent > most {
			s.t.Errorf("the store sent %d KiB, want at most %d", sent>>10, most>>10)
		}
	}
}
