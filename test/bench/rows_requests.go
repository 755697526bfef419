package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// operation is a row of the table of requests.
type operation struct {
	name string
	do   action
	// requests and trips are the targets. Where there is none, requests is
	// noTarget and trips 0.
	requests int64
	trips    int
}

const noTarget = -1

// action is what a row counts, from the beginning of a session to its end.
type action func(ctx context.Context, s *site) error

// in carries something out in a session of its own.
func in[C client](p protocol, do func(c C) error) action {
	return func(ctx context.Context, s *site) error {
		c, err := p.open(ctx, s.gateway, nil)
		if err != nil {
			return err
		}
		defer c.close()
		return do(c.(C))
	}
}

// requests is the table of what each operation costs at the store.
func (b *bench) requests() table {
	t := table{
		title: "Store requests for each operation",
		note: "On a flat account. *Trips* are requests that wait for each other. What `test/requests` asserts for more commands and requests, " +
			"through the built program. OpenSSH's client looks before it acts: its rows have no target.",
		columns: []string{"operation", "requests", "trips", "target", ""},
	}
	for _, op := range slices.Concat(ftpOperations(), sftpOperations(sftpWith(b.keys)), openSSHOperations()) {
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

// lakeRequests is the table of operations whose cost an account with a hierarchical
// namespace changes. The targets are the requests of a flat account.
func (b *bench) lakeRequests() table {
	t := table{
		title: "Store requests with a hierarchical namespace",
		note: "On an account with a hierarchical namespace, for the operations on names and directories; content moves as on a flat account. " +
			"The target is what the operation costs there, but for a rename of a directory, which is one request whatever the directory holds. Requests to both endpoints count.",
		columns: []string{"operation", "requests", "trips", "target", ""},
	}
	for _, op := range lakeOperations(ftpOperations()) {
		t.rows = append(t.rows, row{op.name, func(ctx context.Context) (cells []string, err error) {
			o := azstub.Options{HNS: true, Shape: azstub.Shape{Latency: 20 * time.Millisecond}}
			err = b.on(ctx, o, func(s *site) error {
				cells, err = s.count(ctx, op)
				return err
			})
			return cells, err
		}})
	}
	return t
}

// started waits for what the gateway asks an account with a hierarchical namespace beside
// the first sessions: the last of its listings is of files that were put aside.
func (s *site) started(ctx context.Context) error {
	if s.store.DFSURL() == "" {
		return nil
	}
	if err := s.store.Wait(ctx, func(c azstub.Counts) bool { return c[azstub.ListBlobs] >= 3 }); err != nil {
		return err
	}
	return s.store.Idle(ctx)
}

// count carries out one operation on a store with a few files.
func (s *site) count(ctx context.Context, op operation) ([]string, error) {
	const id = "AAAAAAAAAAAAAAAAAAAAAA=="
	for name, blob := range map[string]azstub.Blob{
		"file":       {Content: make([]byte, smallFile)},
		"empty":      {Content: []byte{}},
		"log":        {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: id, Size: 5}}},
		"made":       {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
		"made/entry": {Content: []byte{}},
		"hollow":     {Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}},
	} {
		if s.store.DFSURL() != "" && blob.Metadata != nil {
			blob = azstub.Blob{Directory: true}
		}
		if err := s.store.Place(containerName, name, blob); err != nil {
			return nil, err
		}
	}
	if err := s.started(ctx); err != nil {
		return nil, err
	}
	before := s.store.Seq()
	if err := op.do(ctx, s); err != nil {
		return nil, err
	}
	seen := s.store.Requests(before)
	requests, trips := int64(len(seen)), azstub.Trips(seen)
	cells := []string{fmt.Sprint(requests), fmt.Sprint(trips)}
	if op.requests == noTarget {
		return cells, nil
	}
	target := fmt.Sprint(op.requests)
	if op.trips > 0 {
		target += fmt.Sprintf(", trips %d", op.trips)
	}
	met := requests <= op.requests && (op.trips == 0 || trips <= op.trips)
	return append(cells, target, metOrMissed(met)), nil
}
