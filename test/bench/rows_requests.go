package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/internal/azstub"
)

// operation is a row of the table of requests.
type operation struct {
	name string
	do   func(c client) error
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
	for _, p := range []struct {
		protocol
		operations []operation
	}{{plainFTP(), ftpOperations()}, {sftpWith(b.keys), sftpOperations()}} {
		for _, op := range p.operations {
			t.rows = append(t.rows, row{p.name + " " + op.name, func(ctx context.Context) (cells []string, err error) {
				err = b.on(ctx, azstub.Options{Shape: azstub.Shape{Latency: 20 * time.Millisecond}}, func(s *site) error {
					cells, err = s.count(ctx, p.protocol, op)
					return err
				})
				return cells, err
			}})
		}
	}
	return t
}

// count carries out one operation on a store with a few files.
func (s *site) count(ctx context.Context, p protocol, op operation) ([]string, error) {
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
	c, err := p.open(ctx, s.gateway, nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := op.do(c); err != nil {
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
