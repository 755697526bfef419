package frontendtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// marker stands for a store's own words in the cause of every planted error.
const marker = "BlobStorageSaysNo-7f3a"

func errorTests() []suiteTest {
	return []suiteTest{
		{"error/kinds", testKinds},
		{"error/reason", testReason},
		{"error/unclassified", testUnclassified},
		{"error/in a transfer", testTransferErrors},
	}
}

// serveFaulty returns a server with one file and one directory, and a session.
func serveFaulty(t *testing.T, target Target) (*Server, Client) {
	s := serve(t, target, setup{})
	s.StoreFile("/file", content(1, 1000), noTime())
	s.storeDir("/dir")
	return s, s.login()
}

// attempts returns, for each Op, an operation of the client that calls this Op of the
// store, perhaps among others.
func attempts(c Client) map[Op]func() error {
	return map[Op]func() error{
		OpStat:       func() error { _, err := c.Stat("/file"); return err },
		OpList:       func() error { _, err := c.List("/dir"); return err },
		OpOpen:       func() error { _, err := get(c, "/file", 0); return err },
		OpCreate:     func() error { return put(c, "/file", []byte("x"), CreateOptions{}) },
		OpWrite:      func() error { return put(c, "/file", []byte("x"), CreateOptions{}) },
		OpCommit:     func() error { return put(c, "/file", []byte("x"), CreateOptions{}) },
		OpRead:       func() error { _, err := get(c, "/file", 0); return err },
		OpDelete:     func() error { return c.Delete("/file") },
		OpMkdir:      func() error { return c.Mkdir("/new") },
		OpRmdir:      func() error { return c.Rmdir("/dir") },
		OpRename:     func() error { return c.Rename("/file", "/other") },
		OpSetModTime: func() error { return c.SetModTime("/file", aTime) },
	}
}

// failOn lets the next calls of op fail with err.
func (s *store) failOn(op Op, err error) {
	s.failWith(func(_ context.Context, o Op, _ vfs.Path) error {
		if o == op {
			return err
		}
		return nil
	})
}

// wantOwnWords checks that a refusal says one of the reasons, and nothing of the store's.
func (s *Server) wantOwnWords(err error, reasons ...string) {
	s.Helper()
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		s.Errorf("%v, want a refusal", err)
		return
	}
	says := func(reason string) bool {
		return strings.Contains(strings.ToLower(refusal.Text), strings.ToLower(reason))
	}
	if !slices.ContainsFunc(reasons, says) {
		s.Errorf("the refusal %q does not say %q", refusal.Text, reasons)
	}
	if strings.Contains(refusal.Text, marker) {
		s.Errorf("the refusal %q has the store's own words", refusal.Text)
	}
}

// testKinds proves for each operation and each kind of error that the client
// gets the code of the protocol's table and our short reason, and that the
// session and the store are as before.
func testKinds(t *testing.T, target Target) {
	s, c := serveFaulty(t, target)
	for op, do := range attempts(c) {
		for _, kind := range vfs.Kinds() {
			t.Run(fmt.Sprintf("%s/%s", op, kind), func(t *testing.T) {
				inner := s.in(t)
				s.store.failOn(op, vfs.NewError(kind, errors.New(marker)))
				err := do()
				s.store.failWith(nil)
				inner.wantKind(err, op, kind)
				words := []string{kind.Reason()}
				if op == OpStat && kind == vfs.KindNotDir { // SFTP says that there is nothing below a file
					words = append(words, vfs.KindNotExist.Reason())
				}
				inner.wantOwnWords(err, words...)
				inner.WantStored("/file", content(1, 1000))
				inner.WantStoredNames("/", "dir", "file")
			})
		}
	}
	s.wantNames(c, "/", "dir", "file")
	s.wantGet(c, "/file", content(1, 1000))
}

// testReason proves that a backend's better text reaches the client.
func testReason(t *testing.T, target Target) {
	const reason = "file is archived"
	s, c := serveFaulty(t, target)
	for op, do := range attempts(c) {
		s.store.failOn(op, &vfs.Error{Kind: vfs.KindLocked, Reason: reason, Err: errors.New(marker)})
		s.wantOwnWords(do(), reason)
		s.store.failWith(nil)
	}
}

// testUnclassified proves that an error which no backend has classified is an
// internal one without a reason of its own.
func testUnclassified(t *testing.T, target Target) {
	s, c := serveFaulty(t, target)
	for op, do := range attempts(c) {
		s.store.failOn(op, fmt.Errorf("open /srv/%s: %w", marker, errors.New("EOF")))
		err := do()
		s.store.failWith(nil)
		s.wantKind(err, op, vfs.KindInternal)
		s.wantOwnWords(err, vfs.KindInternal.Reason())
	}
	s.wantGet(c, "/file", content(1, 1000))
}

// testTransferErrors proves that a transfer which fails in the middle is never reported
// as complete: the client sees no end of the file or of the listing, and nothing is stored.
func testTransferErrors(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	big := content(1, 4<<20)
	s.StoreFile("/file", big, noTime())
	for i := range 20 {
		s.StoreFile(fmt.Sprintf("/dir/%d", i), nil, noTime())
	}
	c := s.login()
	// after lets the first calls of an op pass.
	after := func(op Op, calls int) {
		s.store.failWith(func(_ context.Context, o Op, _ vfs.Path) error {
			if o != op {
				return nil
			}
			if calls--; calls < 0 {
				return vfs.NewError(vfs.KindUnavailable, errors.New(marker))
			}
			return nil
		})
	}
	t.Run("download", func(t *testing.T) {
		after(OpRead, 3)
		got, err := get(c, "/file", 0)
		inner := s.in(t)
		inner.wantKind(err, OpRead, vfs.KindUnavailable)
		inner.wantOwnWords(err, vfs.KindUnavailable.Reason())
		if len(got) >= len(big) {
			t.Errorf("download: all %d bytes came", len(got))
		}
	})
	t.Run("listing", func(t *testing.T) {
		after(OpRead, 10)
		_, err := c.List("/dir")
		inner := s.in(t)
		inner.wantKind(err, OpList, vfs.KindUnavailable)
		inner.wantOwnWords(err, vfs.KindUnavailable.Reason())
	})
	t.Run("upload", func(t *testing.T) {
		after(OpWrite, 1)
		err := put(c, "/file", content(2, 4<<20), CreateOptions{})
		inner := s.in(t)
		inner.wantKind(err, OpWrite, vfs.KindUnavailable)
		inner.wantOwnWords(err, vfs.KindUnavailable.Reason())
	})
	s.store.failWith(nil)
	s.wantGet(c, "/file", big)
	s.WantStoredNames("/", "dir", "file")
}
