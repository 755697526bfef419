package gate

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs"
)

// acknowledged notes that a client got a 226 for the path with this content.
func (s *site) acknowledged(path string, content []byte) {
	s.ledger.Acknowledge(path, ledger.Of(content))
}

// audit compares the store with what was acknowledged and returns what is wrong.
func (s *site) audit(ctx context.Context) []string {
	var wrong []string
	missing := map[string]bool{}
	for _, path := range s.ledger.Existing() {
		missing[path] = true
	}
	err := walk(ctx, s.store, vfs.MustParse("/"), func(path string, got []byte) {
		if !missing[path] && strings.HasPrefix(path, faultyDir) && bytes.HasPrefix(faultyContent(path), got) {
			return // what faulty clients do to their own files is not judged
		}
		delete(missing, path)
		if err := s.ledger.Audit(path, func() (ledger.Content, error) { return ledger.Of(got), nil }); err != nil {
			wrong = append(wrong, err.Error())
		}
	})
	if err != nil {
		wrong = append(wrong, err.Error())
	}
	for path := range missing {
		wrong = append(wrong, path+" got a 226 and is not there")
	}
	return wrong
}

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
