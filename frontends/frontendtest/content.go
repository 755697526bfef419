package frontendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// content returns size bytes that are the same for the same seed, and that no
// two seeds share.
func content(seed byte, size int) []byte {
	b := make([]byte, size)
	// ChaCha8's Read never fails.
	_, _ = rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// put uploads data and returns the server's answer.
func put(c Client, name string, data []byte, o CreateOptions) error {
	u, err := c.Create(name, o)
	if err != nil {
		return err
	}
	if _, err := u.Write(data); err != nil {
		// A server that fails closes first and reports why then.
		if refusal := u.Finish(); isRefusal(refusal) {
			return refusal
		}
		return fmt.Errorf("upload of %s: %w", name, err)
	}
	return u.Finish()
}

// get downloads a file from offset. What had come when it failed is returned
// with the error.
func get(c Client, name string, offset int64) ([]byte, error) {
	d, err := c.Open(name, offset)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return io.ReadAll(d)
}

func isRefusal(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}

// put uploads and ends the test when that fails.
func (s *Server) put(c Client, name string, data []byte) {
	s.Helper()
	s.ok(put(c, name, data, CreateOptions{}), "upload of "+name)
}

// wantGet checks what a client downloads.
func (s *Server) wantGet(c Client, name string, want []byte) {
	s.Helper()
	got, err := get(c, name, 0)
	s.ok(err, "download of "+name)
	s.wantSame(got, want, "download of "+name)
}

func (s *Server) wantSame(got, want []byte, what string) {
	s.Helper()
	if bytes.Equal(got, want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	s.Fatalf("%s: %d bytes, want %d; they differ from byte %d on", what, len(got), len(want), at)
}

// wantNames checks the names that a client's listing shows, in any order.
func (s *Server) wantNames(c Client, dir string, want ...string) {
	s.Helper()
	entries, err := c.List(dir)
	s.ok(err, "list "+dir)
	got := make([]string, 0, len(entries))
	for _, e := range entries {
		got = append(got, e.Name)
	}
	s.wantSet(got, want, "list "+dir)
}

func (s *Server) wantSet(got, want []string, what string) {
	s.Helper()
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if !slices.Equal(got, want) {
		s.Errorf("%s: %d entries %.200q, want %d %.200q", what, len(got), got, len(want), want)
	}
}

// StoreFile puts a file into the store, past the server.
func (s *Server) StoreFile(name string, data []byte, at time.Time) {
	s.Helper()
	s.ok(storeFile(s.Context(), s.store.Backend.Backend, name, data, at), "store: "+name)
}

func storeFile(ctx context.Context, b vfs.Backend, name string, data []byte, at time.Time) error {
	w, err := b.Create(ctx, vfs.MustParse(name), vfs.CreateOptions{})
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := w.Write(data); err != nil {
		return err
	}
	_, err = w.Commit(ctx, vfs.CommitOptions{ModTime: at})
	return err
}

func (s *Server) storeDir(name string) {
	s.Helper()
	s.ok(s.store.Backend.Backend.Mkdir(s.Context(), vfs.MustParse(name)), "store: mkdir "+name)
}

// WantStored checks a file in the store, past the server. With want nil there
// must be none, which a store also says when it cannot hold the name.
func (s *Server) WantStored(name string, want []byte) {
	s.Helper()
	// Also called when the test's context has ended.
	ctx := context.WithoutCancel(s.Context())
	got, err := loadFile(ctx, s.store.Backend.Backend, vfs.MustParse(name))
	if want == nil {
		if kind := vfs.KindOf(err); err == nil || (kind != vfs.KindNotExist && kind != vfs.KindInvalid) {
			s.Errorf("store: open %s: %v, want no such file", name, err)
		}
		return
	}
	s.ok(err, "store: read "+name)
	s.wantSame(got, want, "store: "+name)
}

func loadFile(ctx context.Context, b vfs.Backend, p vfs.Path) ([]byte, error) {
	r, err := b.Open(ctx, p, vfs.OpenOptions{})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// Of the size that is to come: the race detector makes each growth of a buffer expensive.
	content := bytes.NewBuffer(make([]byte, 0, min(max(r.Info().Size, 0), 64<<20)+bytes.MinRead))
	_, err = content.ReadFrom(r)
	return content.Bytes(), err
}

// WantStoredNames checks the entries of a directory in the store.
func (s *Server) WantStoredNames(dir string, want ...string) {
	s.Helper()
	var got []string
	for info, err := range s.store.Backend.Backend.List(context.WithoutCancel(s.Context()), vfs.MustParse(dir)) {
		s.ok(err, "store: list "+dir)
		got = append(got, info.Name)
	}
	s.wantSet(got, want, "store: list "+dir)
}
