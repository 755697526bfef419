package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
	"github.com/tidegate/tidegate/internal/azstub"
)

// operation is a row of the table of requests.
type operation struct {
	name string
	do   func(c *ftpclient.Conn) error
	// requests and trips are the targets; trips is 0 where there is none.
	requests int64
	trips    int
}

// requests is the table of what each operation costs at the store.
func (b *bench) requests() table {
	t := table{
		title: "Store requests for each operation",
		note: "On a flat account. *Trips* are requests that wait for each other. What `test/requests` asserts for more commands, " +
			"through the built program.",
		columns: []string{"operation", "requests", "trips", "target", ""},
	}
	for _, op := range operations() {
		t.rows = append(t.rows, row{op.name, func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, azstub.Options{Shape: azstub.Shape{Latency: 20 * time.Millisecond}}, func(s *site) error {
				cells, err = s.count(ctx, op)
				return err
			})
			return cells, err
		}})
	}
	return t
}

func operations() []operation {
	do := func(command string, code int) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			_, err := c.Do(command, code)
			return err
		}
	}
	send := func(verb, name string, size int64) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			t, err := c.Transfer(verb+" "+name, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			if _, err := io.Copy(t, newSource(size)); err != nil {
				return err
			}
			return t.Finish()
		}
	}
	receive := func(command string) func(*ftpclient.Conn) error {
		return func(c *ftpclient.Conn) error {
			t, err := c.Transfer(command, 0)
			if err != nil {
				return err
			}
			defer t.Close()
			_, err = io.Copy(io.Discard, t.Retrieve())
			return err
		}
	}
	return []operation{
		{"STOR of 64 KiB, a new file", send("STOR", "/new", smallFile), 1, 1},
		{"STOR of 64 KiB, replacing", send("STOR", "/file", smallFile), 1, 1},
		{"STOR of 64 MiB", send("STOR", "/new", 64*mib), 9, 0},
		{"RETR of 64 KiB", receive("RETR /file"), 1, 1},
		{"RETR of an empty file", receive("RETR /empty"), 2, 0},
		{"SIZE", do("SIZE /file", 213), 1, 1},
		{"MDTM", do("MDTM /file", 213), 1, 1},
		{"CWD", do("CWD /made", 250), 1, 1},
		{"LIST", receive("LIST /made"), 1, 1},
		{"LIST of a file", receive("LIST /file"), 2, 0},
		{"RNFR, RNTO of a file", func(c *ftpclient.Conn) error { return c.Rename("/file", "/moved") }, 3, 3},
		{"MKD", do("MKD /new", 257), 2, 1},
		{"RMD", do("RMD /hollow", 250), 2, 2},
		{"DELE", do("DELE /file", 250), 1, 1},
		{"APPE of 64 KiB", send("APPE", "/log", smallFile), 4, 3},
		{"login", func(*ftpclient.Conn) error { return nil }, 0, 0},
	}
}

// count carries out one operation on a store with a few files.
func (s *site) count(ctx context.Context, op operation) ([]string, error) {
	const id = "AAAAAAAAAAAAAAAAAAAAAA=="
	for name, blob := range map[string]azstub.Blob{
		"file":       {Content: make([]byte, smallFile)},
		"empty":      {Content: []byte{}},
		"log":        {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: id, Size: 5}}},
		"made/":      {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
		"made/entry": {Content: []byte{}},
		"hollow/":    {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
	} {
		if err := s.store.Place(containerName, name, blob); err != nil {
			return nil, err
		}
	}
	before := s.store.Seq()
	c, err := plainFTP().open(ctx, s.gateway, nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := op.do(c.(ftp).Conn); err != nil {
		return nil, err
	}
	seen := s.store.Requests(before)
	requests, trips := int64(len(seen)), azstub.Trips(seen)
	target := fmt.Sprint(op.requests)
	if op.trips > 0 {
		target += fmt.Sprintf(", trips %d", op.trips)
	}
	met := requests <= op.requests && (op.trips == 0 || trips <= op.trips)
	return []string{fmt.Sprint(requests), fmt.Sprint(trips), target, verdict(met)}, nil
}
