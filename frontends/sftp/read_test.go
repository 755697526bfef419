package sftp_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	sftplib "github.com/pkg/sftp"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// A READ is answered with all that it asks for, up to the limit that is announced, and
// with less at the end of the file alone (draft 02, 6.4): clients take less for the
// end.
func TestLengthsOfReads(t *testing.T) {
	const k, limit = 1 << 10, 255 << 10
	c, store := startCounting(t)
	all := random(3<<20 + 77)
	c.server.StoreFile("/f", all, time.Time{})
	limits := c.ask(wire.TypeExtended, sftpclient.String("limits@openssh.com"))
	if got, want := limits.Body[8:16], sftpclient.Uint64(limit); !bytes.Equal(got, want) {
		t.Errorf("the longest READ is announced as %x, want %x", got, want)
	}
	h := c.open("/f", wire.OpenRead)
	lengths := []uint32{
		1, 32*k - 1, 32 * k, 32*k + 1, 32*k + 13, 64*k - 1, 64 * k, 64*k + 1, 100_000, 128 * k, 128*k + 39, 128*k + 52, 128*k + 53,
		200_000, limit - 1, limit, limit + 1, 256 * k, 1024 * k, 1<<31 - 1, 1<<32 - 1,
	}
	size := uint64(len(all))
	for _, off := range []uint64{0, 1, 1 << 20, size - 255*k - 1, size - 255*k, size - 64*k, size - 32*k - 1, size - 1, size, size + 1, size + 1<<40} {
		for _, n := range lengths {
			if off >= size {
				c.want(codeEOF, wire.TypeRead, h, sftpclient.Uint64(off), sftpclient.Uint32(n))
				continue
			}
			want := all[off:min(size, off+uint64(min(n, limit)))]
			if got := c.ask(wire.TypeRead, h, sftpclient.Uint64(off), sftpclient.Uint32(n)); got.Kind != wire.TypeData || got.String(0) != string(want) {
				t.Errorf("READ of %d bytes at %d: type %d, %d bytes, want %d", n, off, got.Kind, len(got.Body)-4, len(want))
			}
		}
	}
	c.want(codeEOF, wire.TypeRead, h, sftpclient.Uint64(0), sftpclient.Uint32(0))
	c.close(codeOK, h)

	// Many at once, of all lengths, are one stream.
	before := store.opens.Load()
	h = c.open("/f", wire.OpenRead)
	off, asked := uint64(0), 0
	for ; off < size; asked++ {
		n := lengths[asked%len(lengths)]
		if _, err := c.Request(wire.TypeRead, join(h, sftpclient.Uint64(off), sftpclient.Uint32(n))); err != nil {
			t.Fatal(err)
		}
		off += uint64(min(n, limit))
	}
	var got []byte
	for range asked {
		p, err := c.Receive()
		if err != nil || p.Kind != wire.TypeData {
			t.Fatalf("READ: type %d, %v", p.Kind, err)
		}
		got = append(got, p.String(0)...)
	}
	if !bytes.Equal(got, all) {
		t.Errorf("%d bytes that are not the %d stored", len(got), len(all))
	}
	if n := store.opens.Load() - before; n != 1 {
		t.Errorf("the store was asked %d times, want once", n)
	}
	c.close(codeOK, h)
}

// A client with long packets and many of them on their way gets the whole file.
func TestLongPackets(t *testing.T) {
	c, store := startCounting(t)
	all := random(9<<20 + 12345)
	c.server.StoreFile("/f", all, time.Time{})
	for _, packet := range []int{32 << 10, 64 << 10, 128 << 10, 255 << 10} {
		for _, concurrent := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d, concurrent %v", packet, concurrent), func(t *testing.T) {
				client, err := sftplib.NewClient(c.ssh, sftplib.MaxPacketUnchecked(packet), sftplib.UseConcurrentReads(concurrent))
				if err != nil {
					t.Fatal(err)
				}
				defer client.Close()
				before := store.opens.Load()
				f, err := client.Open("/f")
				if err != nil {
					t.Fatal(err)
				}
				var got bytes.Buffer
				if n, err := f.WriteTo(&got); err != nil || n != int64(len(all)) || !bytes.Equal(got.Bytes(), all) {
					t.Errorf("WriteTo: %d bytes, %v, want the %d stored", n, err, len(all))
				}
				b := make([]byte, len(all)+1)
				if n, err := f.ReadAt(b, 0); err != io.EOF || !bytes.Equal(b[:n], all) {
					t.Errorf("ReadAt: %d bytes, %v, want the %d stored", n, err, len(all))
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
				t.Logf("the store was asked %d times", store.opens.Load()-before)
			})
		}
	}
}
