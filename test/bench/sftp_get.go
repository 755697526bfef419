package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// readBytes is what clients ask for in a READ.
const readBytes = 32 << 10

// downloads reads files on a channel of its own, which it opens for the first file. The
// library would use twice as much processor time for that as the gateway, and the benchmark
// would measure the library.
type downloads struct {
	conn *sftpclient.Conn
	in   *bufio.Reader
}

// open opens the channel, once.
func (d *downloads) open(c sftp) (err error) {
	if d.conn != nil {
		return nil
	}
	if d.conn, err = sftpclient.Open(c.ssh); err == nil {
		d.in = bufio.NewReaderSize(d.conn, 8*readBytes)
	}
	return err
}

// get reads a file with as many READs under way as outstanding, each in a packet of its
// own. The gateway answers those of one file in their order.
func (d *downloads) get(name string, w io.Writer) error {
	p, err := d.ask(wire.TypeOpen, wire.Packet(nil).Text(name).Uint32(wire.OpenRead).Uint32(0))
	if err != nil {
		return err
	}
	if p.Kind != wire.TypeHandle {
		return refused("OPEN", p)
	}
	handle := p.String(0)
	if p, err = d.ask(wire.TypeFstat, sftpclient.String(handle)); err != nil {
		return err
	}
	a, err := wire.ParseAttributes(p.Body)
	if p.Kind != wire.TypeAttrs || err != nil {
		return refused("FSTAT", p)
	}
	if err := d.read(handle, int64(a.Size), w); err != nil {
		return err
	}
	if p, err = d.ask(wire.TypeClose, sftpclient.String(handle)); err != nil {
		return err
	}
	if code, _ := p.Status(); code != uint32(wire.OK) {
		return refused("CLOSE", p)
	}
	return nil
}

func (d *downloads) read(handle string, size int64, w io.Writer) error {
	var ids []uint32 // of the READs that are under way
	var asked, got int64
	for got < size {
		for asked < size && len(ids) < outstanding {
			n := min(readBytes, size-asked)
			id, err := d.conn.Request(wire.TypeRead, wire.Packet(nil).Text(handle).Uint64(uint64(asked)).Uint32(uint32(n)))
			if err != nil {
				return err
			}
			ids, asked = append(ids, id), asked+n
		}
		n := min(readBytes, size-got)
		if err := d.data(ids[0], int(n), w); err != nil {
			return err
		}
		ids, got = append(ids[:0], ids[1:]...), got+n
	}
	return nil
}

// data passes on the n bytes of an answer, which must be the next packet.
func (d *downloads) data(id uint32, n int, w io.Writer) error {
	head, err := d.in.Peek(wire.DataHead)
	if err != nil {
		return err
	}
	want := make([]byte, wire.DataHead)
	if wire.PutDataHead(want, id, n); !bytes.Equal(head, want) {
		return fmt.Errorf("READ %d of %d bytes is answered with a packet that begins with %x", id, n, head)
	}
	_, _ = d.in.Discard(wire.DataHead) // they are there
	for n > 0 {
		if _, err := d.in.Peek(1); err != nil { // it waits
			return err
		}
		p, err := d.in.Peek(min(n, d.in.Buffered()))
		if err != nil {
			return err
		}
		if _, err := w.Write(p); err != nil {
			return err
		}
		n -= len(p)
		_, _ = d.in.Discard(len(p)) // they are there
	}
	return nil
}

// ask sends a request and returns its answer, which must be the next packet.
func (d *downloads) ask(t wire.Type, body []byte) (p sftpclient.Packet, err error) {
	id, err := d.conn.Request(t, body)
	if err != nil {
		return p, err
	}
	if p.Kind, p.Body, err = wire.ReadPacket(d.in); err != nil {
		return p, err
	}
	if len(p.Body) < 4 || binary.BigEndian.Uint32(p.Body) != id {
		return p, fmt.Errorf("request %d is answered with %v", id, p.Kind)
	}
	p.ID, p.Body = id, p.Body[4:]
	return p, nil
}
