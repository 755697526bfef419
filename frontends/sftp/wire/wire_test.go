package wire_test

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// body is what stands behind the type of a packet.
func body(p wire.Packet) []byte { return p.Framed()[wire.HeadBytes:] }

// What a request was made of is what is read of it, and a request that lacks its
// last byte is malformed.
func TestRequestsAreReadAsTheyWereMade(t *testing.T) {
	const id = 7
	when := time.Unix(1_500_000_000, 0)
	attributes := wire.Attributes{Flags: wire.AttrSize | wire.AttrMode | wire.AttrTimes, Size: 5, Mode: 0o600, ModTime: when}
	ext := func(name string) wire.Packet { return wire.BeginRequest(wire.TypeExtended, id).Text(name) }
	for _, row := range []struct {
		p    wire.Packet
		want wire.Request
	}{
		{wire.BeginRequest(wire.TypeOpen, id).Text("/f").Uint32(wire.OpenRead), wire.Request{Path: "/f", Flags: wire.OpenRead}},
		{wire.BeginRequest(wire.TypeClose, id).Text("1"), wire.Request{Handle: "1"}},
		{wire.BeginRequest(wire.TypeRead, id).Text("1").Uint64(9).Uint32(3), wire.Request{Handle: "1", Offset: 9, Length: 3}},
		{wire.BeginRequest(wire.TypeRealpath, id).Text("/x"), wire.Request{Path: "/x"}},
		{wire.BeginRequest(wire.TypeRename, id).Text("/x").Text("/y"), wire.Request{Path: "/x", Target: "/y"}},
		{wire.BeginRequest(wire.TypeSetstat, id).Text("/x").Attributes(attributes), wire.Request{Path: "/x", Attributes: attributes}},
		{wire.BeginRequest(wire.TypeFsetstat, id).Text("1").Attributes(attributes), wire.Request{Handle: "1", Attributes: attributes}},
		{ext(wire.PosixRename).Text("/x").Text("/y"), wire.Request{Extended: wire.PosixRename, Path: "/x", Target: "/y"}},
		{ext(wire.Fsync).Text("1"), wire.Request{Extended: wire.Fsync, Handle: "1"}},
		{
			ext(wire.CopyData).Text("1").Uint64(2).Uint64(3).Text("4").Uint64(5),
			wire.Request{Extended: wire.CopyData, Source: "1", Offset: 2, CopyLength: 3, Handle: "4", At: 5},
		},
	} {
		b := body(row.p)
		row.want.Type, row.want.ID = wire.Type(row.p[4]), id
		got, err := wire.ParseRequest(row.want.Type, b)
		if err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("%v: %+v, %v; want %+v", row.want.Type, got, err, row.want)
		}
		if short, err := wire.ParseRequest(row.want.Type, b[:len(b)-1]); err == nil && short.AttributesErr == nil {
			t.Errorf("%v: one that is cut off is taken", row.want.Type)
		}
	}
}

// A WRITE is read up to its data, which must be in the packet.
func TestWriteHead(t *testing.T) {
	b := body(wire.BeginRequest(wire.TypeWrite, 7).Text("1").Uint64(9).Text("data"))
	w, n, err := wire.ParseWrite(b, len(b))
	if want := (wire.Write{ID: 7, Handle: "1", Offset: 9, Length: 4}); err != nil || w != want || string(b[n:]) != "data" {
		t.Errorf("%+v, %q, %v", w, b[n:], err)
	}
	if _, _, err := wire.ParseWrite(b, len(b)-1); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("data beyond the packet: %v", err)
	}
}

// pool hands out buffers of two sizes and counts them.
type pool struct{ out int }

func (p *pool) Get(bulk bool) []byte {
	p.out++
	if bulk {
		return make([]byte, 4*wire.MaxOther)
	}
	return make([]byte, wire.MaxOther+wire.DataHead)
}
func (p *pool) Put([]byte) { p.out-- }

// However the bytes arrive, the packets are the same, and a silent session holds
// no buffer.
func TestReaderCutsAnyStream(t *testing.T) {
	var stream []byte
	for i := range uint32(50) {
		stream = append(stream, wire.BeginRequest(wire.TypeStat, i).Text(strings.Repeat("p", int(i*i*11))).Framed()...)
		stream = append(stream, wire.BeginRequest(wire.TypeWrite, i).Text("1").Uint64(0).Text(strings.Repeat("d", int(i*1234))).Framed()...)
	}
	for name, from := range map[string]io.Reader{
		"at once": bytes.NewReader(stream), "halves": iotest.HalfReader(bytes.NewReader(stream)),
		"bytes": iotest.OneByteReader(bytes.NewReader(stream)), "last with the end": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		var buffers pool
		r := wire.NewReader(from, &buffers)
		for i := range 100 {
			r.Bulk = i > 50
			kind, n, err := r.Next(i > 20)
			if err != nil {
				t.Fatalf("%s: packet %d: %v", name, i, err)
			}
			front, err := r.Peek(4)
			if err != nil || front[3] != byte(i/2) || kind != [2]wire.Type{wire.TypeStat, wire.TypeWrite}[i%2] {
				t.Fatalf("%s: packet %d: %v of %d bytes, %v, %v", name, i, kind, n, front, err)
			}
			if err := r.Skip(); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := r.Next(false); err != io.EOF {
			t.Errorf("%s: at the end: %v", name, err)
		}
		r.Release()
		if buffers.out != 0 {
			t.Errorf("%s: %d buffers are kept", name, buffers.out)
		}
	}
}

// A length that no request has is found before anything is kept of the packet, and
// an end inside of a packet is distinguished from one between two.
func TestReaderRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		sent []byte
		want error
	}{
		"no type":          {[]byte{0, 0, 0, 0, 1}, wire.ErrMalformed},
		"endless":          {[]byte{255, 255, 255, 255, byte(wire.TypeWrite)}, wire.ErrMalformed},
		"long STAT":        {[]byte{0, 1, 0, 0, byte(wire.TypeStat)}, wire.ErrMalformed},
		"end in a length":  {[]byte{0, 0}, io.ErrUnexpectedEOF},
		"end between them": {nil, io.EOF},
	} {
		if _, _, err := wire.NewReader(bytes.NewReader(row.sent), &pool{}).Next(false); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", name, err, row.want)
		}
	}
	r := wire.NewReader(bytes.NewReader([]byte{0, 0, 0, 9, byte(wire.TypeStat), 0, 0}), &pool{})
	_, n, err := r.Next(false)
	if err == nil {
		_, err = r.Peek(n)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("end in a body: %v", err)
	}
}

// Whatever comes, parsing ends, and reads nothing that is not there.
func FuzzParse(f *testing.F) {
	f.Add(byte(wire.TypeSetstat), body(wire.BeginRequest(wire.TypeSetstat, 1).Text("/").Uint32(wire.AttrExtended).Uint32(1<<31)))
	f.Add(byte(wire.TypeWrite), body(wire.BeginRequest(wire.TypeWrite, 1).Text("1").Uint64(1<<63).Text("x")))
	f.Fuzz(func(t *testing.T, kind byte, b []byte) {
		r, err := wire.ParseRequest(wire.Type(kind), b)
		if got := len(r.Path) + len(r.Target) + len(r.Handle) + len(r.Source) + len(r.Extended); err == nil && got > len(b) {
			t.Errorf("%d bytes of text of %d", got, len(b))
		}
		if w, n, err := wire.ParseWrite(b, len(b)); err == nil && n+w.Length > len(b) {
			t.Errorf("a WRITE of %d bytes behind %d of %d", w.Length, n, len(b))
		}
	})
}

// TestNameOfOwner: an entry whose store says who owns it is shown with that, one word each,
// and with the permissions of its mode; all others look alike.
func TestNameOfOwner(t *testing.T) {
	now := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	for want, a := range map[string]wire.Attributes{
		"-rw-r--r--    1 sftp     sftp                7 Nov 29 12:00 x":                             {Size: 7, Mode: wire.ModeFile},
		"drwxr-xr-x    2 sftp     sftp                0 Nov 29 12:00 x":                             {Mode: wire.ModeDir},
		"-rw-r-----    1 alice    the_staff            7 Nov 29 12:00 x":                            {Size: 7, Mode: 0o100640, Owner: "alice", Group: "the staff"},
		"drwxrwx--T    2 $superuser -                   0 Nov 29 12:00 x":                           {Mode: 0o041770, Owner: "$superuser"},
		"drwx-----t    2 11111111-2222-3333-4444-555555555555 g                   0 Nov 29 12:00 x": {Mode: 0o041701, Owner: "11111111-2222-3333-4444-555555555555", Group: "g"},
	} {
		a.ModTime = now
		f := &wire.Fields{Rest: wire.Packet(nil).Name("x", a, now)}
		if name, got := f.Text(), f.Text(); f.Bad || name != "x" || got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
	}
}
