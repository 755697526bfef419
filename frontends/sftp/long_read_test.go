package sftp

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/vfs"
)

// breaking is a store whose files break after so many bytes.
type breaking struct {
	vfs.Backend
	after int64
}

func (b breaking) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	r, err := b.Backend.Open(ctx, p, o)
	if err != nil {
		return nil, err
	}
	return &breakingReader{r, b.after - o.Offset}, nil
}

type breakingReader struct {
	vfs.Reader
	left int64
}

func (r *breakingReader) Read(b []byte) (int, error) {
	if r.left <= 0 {
		return 0, vfs.NewError(vfs.KindUnavailable, errors.New("planted"))
	}
	n, err := r.Reader.Read(b[:min(int64(len(b)), r.left)])
	r.left -= int64(n)
	return n, err
}

// storeWith returns a store with the content in /f.
func storeWith(t *testing.T, content []byte) vfs.Backend {
	t.Helper()
	store := memory.New()
	w, err := store.Create(t.Context(), vfs.MustParse("/f"), vfs.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(content)
	if _, err := w.Commit(t.Context(), vfs.CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	return store
}

// takeLong takes all buffers for long answers, and gives them back at the end of the test.
func takeLong(t *testing.T, s *session) {
	for _, size := range []size{large, long} {
		for b := s.conn.srv.buffers.get(size); b != nil; b = s.conn.srv.buffers.get(size) {
			t.Cleanup(func() { s.conn.srv.buffers.put(b) })
		}
	}
}

// When all long buffers are in use a long READ is answered in full all the same. A
// store that fails in the middle then ends the channel, as there can be no STATUS
// any more, and nothing that looks like an answer is sent.
func TestLongReadsWithoutLongBuffers(t *testing.T) {
	all := make([]byte, 3*maxRead+5)
	for i := range all {
		all[i] = byte(i * 7 / 3)
	}
	for name, after := range map[string]int64{"whole": int64(len(all)), "broken": 2*maxRead + 50_000} {
		t.Run(name, func(t *testing.T) {
			var in, out bytes.Buffer
			ask := func(kind wire.Type, id uint32, body wire.Packet) {
				in.Write(append(wire.BeginRequest(kind, id), body...).Framed())
			}
			ask(wire.TypeOpen, 1, wire.Packet{}.Text("/f").Uint32(wire.OpenRead).Uint32(0))
			first, then := io.Pipe()
			s := sessionOver(t, breaking{storeWith(t, all), after}, first, &out)
			hung := false
			s.channel = pipeChannel{first, &out, func() error { hung = true; return nil }}
			takeLong(t, s)
			// send returns when the session has taken what was asked: it reads again.
			send := func() {
				_, _ = then.Write(in.Bytes())
				_, _ = then.Write(nil)
				in.Reset()
			}
			go func() {
				send()
				s.names.settle()
				for i := range uint32(4) {
					ask(wire.TypeRead, 2+i, wire.Packet{}.Text("1").Uint64(uint64(i)*maxRead).Uint32(maxRead))
				}
				send()
				// A client that leaves before the answers gets none.
				if f, ok := s.handles.find("1").(*file); ok {
					f.queue.settle()
				}
				_ = then.Close()
			}()
			if err := s.read(); err != io.EOF {
				t.Fatal(err)
			}
			s.answering.Wait()
			for _, h := range s.handles.takeAll() {
				h.drop() // idle readers are looked after until then
			}
			s.conn.wg.Wait()
			got := out.Bytes()
			got = got[4+binary.BigEndian.Uint32(got):] // the HANDLE
			var data []byte
			for i := 0; i < 3; i++ {
				if i == 2 && name == "broken" {
					break
				}
				if len(got) < wire.DataHead || wire.Type(got[4]) != wire.TypeData {
					t.Fatalf("answer %d is none", i)
				}
				n := int(binary.BigEndian.Uint32(got[9:]))
				if n != maxRead {
					t.Fatalf("answer %d has %d bytes", i, n)
				}
				data = append(data, got[wire.DataHead:wire.DataHead+n]...)
				got = got[wire.DataHead+n:]
			}
			if !bytes.Equal(data, all[:len(data)]) {
				t.Error("other bytes than the stored ones")
			}
			if name == "broken" && !hung {
				t.Error("the channel stays open behind an answer that is cut off")
			}
			if name == "whole" && (hung || len(got) != wire.DataHead+5) {
				t.Errorf("%d bytes follow, the channel is closed: %v", len(got), hung)
			}
			s.in.Release()
			if n := s.conn.srv.buffers.inUse[small]; n != 0 {
				t.Errorf("%d buffers are not given back", n)
			}
		})
	}
}

// gatedWriter waits at its second Write until the gate is opened.
type gatedWriter struct {
	bytes.Buffer
	writes  int
	waiting chan struct{}
	gate    chan struct{}
}

func (w *gatedWriter) Write(p []byte) (int, error) {
	if w.writes++; w.writes == 2 {
		close(w.waiting)
		<-w.gate
	}
	return w.Buffer.Write(p)
}

// While the client does not take the first part of an answer, another user gets the place of the
// reader. The rest of the answer is read when the client goes on.
func TestReaderGivesWayWithinAnswer(t *testing.T) {
	all := make([]byte, maxRead)
	for i := range all {
		all[i] = byte(i * 7 / 3)
	}
	first, then := io.Pipe()
	out := &gatedWriter{waiting: make(chan struct{}), gate: make(chan struct{})}
	s := sessionOver(t, storeWith(t, all), first, out)
	takeLong(t, s)
	go func() {
		defer then.Close()
		_, _ = then.Write(wire.BeginRequest(wire.TypeOpen, 1).Text("/f").Uint32(wire.OpenRead).Uint32(0).Framed())
		_, _ = then.Write(nil)
		s.names.settle()
		_, _ = then.Write(wire.BeginRequest(wire.TypeRead, 2).Text("1").Uint64(0).Uint32(maxRead).Framed())
		<-out.waiting
		readers := s.conn.srv.readers
		others := readers.Request(fairshare.Holder{Tenant: "others"}, readers.Capacity())
		<-others.Granted()
		others.Lease().Release()
		close(out.gate)
		if f, ok := s.handles.find("1").(*file); ok {
			f.queue.settle()
		}
	}()
	if err := s.read(); err != io.EOF {
		t.Fatal(err)
	}
	s.answering.Wait()
	for _, h := range s.handles.takeAll() {
		h.drop()
	}
	s.conn.wg.Wait()
	got := out.Bytes()
	got = got[4+binary.BigEndian.Uint32(got):] // the HANDLE
	if len(got) != wire.DataHead+maxRead || !bytes.Equal(got[wire.DataHead:], all) {
		t.Errorf("the answer has %d bytes, or others than the stored ones", len(got))
	}
}
