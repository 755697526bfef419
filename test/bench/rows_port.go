package main

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// onePort is the table of what many sessions of one address do to each other at
// one passive port.
func (b *bench) onePort() table {
	t := table{
		title:   "One passive port, all clients on one address",
		note:    fmt.Sprintf("FTP uploads of %s, %d in each session. Contents are compared in the store.", bytesText(smallFile), b.scale.files),
		columns: []string{"sessions", "failed", "wrong content", "target", ""},
	}
	for _, n := range b.scale.perAddress {
		t.rows = append(t.rows, row{fmt.Sprint(n), func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, azstub.Options{}, func(s *site) error {
				cells, err = s.manySessions(ctx, n)
				return err
			})
			return cells, err
		}})
	}
	return t
}

func (s *site) manySessions(ctx context.Context, sessions int) ([]string, error) {
	files := s.b.scale.files
	name := func(i, n int) string { return fmt.Sprintf("session-%d-%d", i, n) }
	content := func(i, n int) []byte {
		line := []byte(name(i, n) + "\n")
		return bytes.Repeat(line, smallFile/len(line)+1)[:smallFile]
	}
	var failed atomic.Int64
	err := with(ctx, plainFTP(), s.gateway, sessions, func(i int, c client) error {
		for n := range files {
			if err := c.put(name(i, n), bytes.NewReader(content(i, n))); err != nil {
				failed.Add(1)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	wrong := 0
	for i := range sessions {
		for n := range files {
			if got, ok := s.store.Blob(containerName, name(i, n)); ok && !bytes.Equal(got.Content, content(i, n)) {
				wrong++
			}
		}
	}
	return []string{
		fmt.Sprintf("%d of %d", failed.Load(), sessions*files), fmt.Sprint(wrong),
		"0", metOrMissed(failed.Load() == 0 && wrong == 0),
	}, nil
}
