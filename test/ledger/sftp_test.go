package ledger

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// The codes of a STATUS that are needed.
const (
	sftpOK      = int(wire.OK)
	sftpEOF     = int(wire.EOF)
	sftpFailure = int(wire.Failure)
)

// sftpClient is a client of SFTP, which sends its packets itself.
type sftpClient struct {
	raw  net.Conn
	ssh  *ssh.Client
	talk *sftpclient.Conn
	// early are answers that came while another one was waited for.
	early map[uint32]sftpclient.Packet
}

func (g *gateway) dialSFTP(ctx context.Context, n *generation, _ protocol, user string, local net.Addr) (client, error) {
	dialer := net.Dialer{LocalAddr: local, Timeout: patience.Limit()}
	raw, err := dialer.DialContext(ctx, "tcp", n.sftp)
	if err != nil {
		return nil, err
	}
	c := &sftpClient{raw: raw, early: map[uint32]sftpclient.Packet{}}
	c.hurry()
	conn, channels, requests, err := ssh.NewClientConn(raw, n.sftp, &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.FixedHostKey(g.hostKey.PublicKey()),
	})
	if err != nil {
		_ = raw.Close()
		return nil, err
	}
	c.ssh = ssh.NewClient(conn, channels, requests)
	if c.talk, err = sftpclient.Open(c.ssh); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *sftpClient) local() net.Addr { return c.raw.LocalAddr() }

// hurry gives what follows some time. A stop may let it wait for as long as
// patience.Limit.
func (c *sftpClient) hurry() { _ = c.raw.SetDeadline(time.Now().Add(2 * patience.Limit())) }

// Close leaves without a word of SFTP.
func (c *sftpClient) Close() {
	_ = c.raw.Close()
	_ = c.ssh.Wait()
}

// reset ends the connection with a RST.
func (c *sftpClient) reset() {
	_ = c.raw.(*net.TCPConn).SetLinger(0)
	c.Close()
}

// answer returns the answer to a request. They may come in any order.
func (c *sftpClient) answer(id uint32) (sftpclient.Packet, error) {
	for {
		if p, ok := c.early[id]; ok {
			delete(c.early, id)
			return p, nil
		}
		p, err := c.talk.Receive()
		if err != nil {
			return p, err
		}
		c.early[p.ID] = p
	}
}

// ask sends a request and returns its answer.
func (c *sftpClient) ask(kind wire.Type, body ...[]byte) (sftpclient.Packet, error) {
	id, err := c.talk.Request(kind, slices.Concat(body...))
	if err != nil {
		return sftpclient.Packet{}, err
	}
	return c.answer(id)
}

// open opens a file, and returns its handle as requests have it.
func (c *sftpClient) open(name string, flags uint32) (handle []byte, v result) {
	p, err := c.ask(wire.TypeOpen, sftpclient.String(name), sftpclient.Uint32(flags), sftpclient.Uint32(0))
	if err == nil && p.Kind == wire.TypeHandle {
		return sftpclient.String(p.String(0)), result{}
	}
	return nil, sftpResult(p, err)
}

// sftpResult is what the answer to a CLOSE says.
func sftpResult(p sftpclient.Packet, err error) result {
	if err != nil {
		return none(err)
	}
	code, text := p.Status()
	return result{receipt: int(code) == sftpOK, code: int(code), err: fmt.Errorf("SFTP: %s", text)}
}

// fetch reads one READ after the other.
func (c *sftpClient) fetch(name string) ([]byte, error) {
	c.hurry()
	handle, v := c.open(name, wire.OpenRead)
	if handle == nil {
		return nil, v.err
	}
	var all []byte
	for {
		p, err := c.ask(wire.TypeRead, handle, sftpclient.Uint64(uint64(len(all))), sftpclient.Uint32(32<<10))
		if err != nil {
			return nil, err
		}
		if p.Kind != wire.TypeData {
			code, text := p.Status()
			if _, err := c.ask(wire.TypeClose, handle); err != nil {
				return nil, err
			}
			if int(code) == sftpEOF {
				return all, nil
			}
			return nil, fmt.Errorf("READ: %d %s", code, text)
		}
		all = append(all, p.String(0)...)
	}
}

// list lists as the library's client does.
func (c *sftpClient) list() ([]string, error) {
	c.hurry()
	lib, err := sftplib.NewClient(c.ssh)
	if err != nil {
		return nil, err
	}
	defer lib.Close()
	entries, err := lib.ReadDir("/")
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// sftpUpload is an upload by SFTP under way, behind its OPEN.
type sftpUpload struct {
	c      *sftpClient
	name   string // where it is written to
	target string // what it shall be called in the end
	handle []byte
	// begin is the offset of the first WRITE, next the one behind the last.
	begin, next uint64
}

func (c *sftpClient) attempt(p *plan, fresh []byte, old ledger.Content) (v result, begun bool, close func()) {
	c.hurry()
	close = func() {}
	u := &sftpUpload{c: c, name: p.written(), target: p.name}
	flags := uint32(wire.OpenWrite | wire.OpenCreate | wire.OpenTruncate)
	size := p.size
	switch p.opening {
	case appending:
		flags = wire.OpenWrite | wire.OpenCreate | wire.OpenAppend
		if p.seed[0]%2 == 0 {
			u.begin = uint64(old.Size) // others count from 0
		}
		size += old.Size
	case resuming:
		flags = wire.OpenWrite
		u.begin = uint64(old.Size)
		size += old.Size
	case replacing:
		flags = wire.OpenWrite | wire.OpenCreate
	}
	u.next = u.begin + uint64(len(fresh))
	if u.handle, v = c.open(u.name, flags); u.handle == nil {
		return v, false, close
	}
	var err error
	if p.announced {
		const attrSize = 1
		_, err = c.ask(wire.TypeFsetstat, u.handle, sftpclient.Uint32(attrSize), sftpclient.Uint64(uint64(size)))
	}
	if err == nil && p.opening == copying {
		from, refused := c.open(p.original, wire.OpenRead)
		if from == nil {
			// Nothing is copied yet: a stop lets no further file be opened.
			return refused, false, close
		}
		err = u.copy(from)
	} else if err == nil {
		err = u.write(p, fresh)
	}
	if err != nil {
		return none(err), true, close
	}
	return p.ending.close(u), true, close
}

// write sends WRITEs. The answers do not matter: after a refused one CLOSE is not
// acknowledged.
func (u *sftpUpload) write(p *plan, fresh []byte) error {
	type piece struct {
		at   uint64
		data []byte
	}
	var pieces []piece
	at := u.begin
	for data := range slices.Chunk(fresh, p.pieces) {
		pieces = append(pieces, piece{at, data})
		at += uint64(len(data))
	}
	if p.order == shuffled {
		movable := pieces
		if p.opening != anew && len(pieces) > 0 {
			movable = pieces[1:] // the first says from where on the file is written
		}
		r := rand.New(rand.NewChaCha8(p.seed))
		r.Shuffle(len(movable), func(i, j int) { movable[i], movable[j] = movable[j], movable[i] })
	}
	for _, piece := range pieces {
		id, err := u.send(piece.at, piece.data)
		if err == nil && p.order == singly {
			_, err = u.c.answer(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// send sends one WRITE.
func (u *sftpUpload) send(at uint64, data []byte) (id uint32, err error) {
	return u.c.talk.Request(wire.TypeWrite, slices.Concat(u.handle, sftpclient.Uint64(at), sftpclient.String(string(data))))
}

// copy makes the file a copy of another, which is open
// (draft-ietf-secsh-filexfer-extensions-00, 7).
func (u *sftpUpload) copy(from []byte) error {
	body := slices.Concat(sftpclient.String("copy-data"), from, sftpclient.Uint64(0), sftpclient.Uint64(0), u.handle, sftpclient.Uint64(0))
	if _, err := u.c.ask(wire.TypeExtended, body); err != nil {
		return err
	}
	_, err := u.c.ask(wire.TypeClose, from)
	return err
}
