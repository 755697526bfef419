package gate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/tidegate/tidegate/vfs"
)

// ledger notes what a 226 was given for.
type ledger struct {
	mu       sync.Mutex
	receipts map[string][]byte
}

func newLedger() *ledger { return &ledger{receipts: map[string][]byte{}} }

// receipt notes that the path was stored with this content, as its client was
// told.
func (l *ledger) receipt(path string, content []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.receipts[path] = content
}

// audit compares the store with the receipts and returns what is wrong.
func (l *ledger) audit(ctx context.Context, store vfs.Backend) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var wrong []string
	found := map[string]bool{}
	err := walk(ctx, store, vfs.MustParse("/"), func(path string, got []byte) {
		found[path] = true
		want, ok := l.receipts[path]
		switch {
		case !ok && strings.HasPrefix(path, rogueDir) && isPrefixOf(got, rogueContent(path)):
			// What rogues do to their own files is their affair.
		case !ok:
			wrong = append(wrong, fmt.Sprintf("%s is stored without a 226: %s", path, excerpt(got)))
		case !bytes.Equal(got, want):
			wrong = append(wrong, fmt.Sprintf("%s is %s, not %s", path, excerpt(got), excerpt(want)))
		}
	})
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for path := range l.receipts {
		if !found[path] {
			wrong = append(wrong, path+" got a 226 and is not there")
		}
	}
	return wrong
}

func isPrefixOf(part, whole []byte) bool { return bytes.HasPrefix(whole, part) }

// walk calls do with every file below dir.
func walk(ctx context.Context, store vfs.Backend, dir vfs.Path, do func(path string, content []byte)) error {
	for info, err := range store.List(ctx, dir) {
		if err != nil {
			return err
		}
		p, err := dir.Child(info.Name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			if err := walk(ctx, store, p, do); err != nil {
				return err
			}
			continue
		}
		r, err := store.Open(ctx, p, vfs.OpenOptions{})
		if err != nil {
			return err
		}
		content, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			return err
		}
		do(p.String(), content)
	}
	return nil
}

func excerpt(b []byte) string { return fmt.Sprintf("%d bytes %.50q", len(b), b) }
