package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

const smallFile = 64 * kib

// azure is a store that is as slow as Azure.
func azure() azstub.Options {
	o := fast()
	o.Shape = azstub.Shape{Latency: 20 * time.Millisecond, Upload: 60 * mib, Download: 60 * mib}
	return o
}

// likeAzure is the table of what a client of a real store waits for.
func (b *bench) likeAzure() table {
	t := table{
		title:   "A store like Azure",
		note:    "20 ms for each request, and 60 MiB/s within one. Latencies are those of whole transfers, from EPSV to 226, or from OPEN to the answer to CLOSE, in sessions that are logged in.",
		columns: []string{"work", "Tidegate", "target", ""},
	}
	ftp, ftps, sftp := plainFTP(), explicitFTPS(), sftpWith(b.keys)
	for _, r := range []struct {
		p      protocol
		d      direction
		target float64
	}{{ftp, put, 500}, {ftp, get, 400}, {sftp, put, 350}, {sftp, get, 350}} {
		name := fmt.Sprintf("%s %s 1 × %s", r.p.name, r.d, bytesText(b.scale.azure))
		t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, azure(), func(s *site) error {
				rate, err := s.oneStream(ctx, r.p, r.d)
				cells = []string{fmt.Sprintf("%.0f MiB/s", rate), fmt.Sprintf("≥ %.0f MiB/s", r.target), atLeast(rate, r.target)}
				return err
			})
			return cells, err
		}})
	}
	for _, r := range []struct {
		p      protocol
		d      direction
		target time.Duration // of p50; 0 is none
	}{
		{ftp, put, 30 * time.Millisecond},
		{ftp, get, 25 * time.Millisecond},
		{ftps, put, 0},
		{ftps, get, 0},
		{sftp, put, 30 * time.Millisecond},
		{sftp, get, 30 * time.Millisecond},
	} {
		for _, sessions := range []int{1, b.scale.sessions} {
			target := r.target
			if sessions == 1 {
				target = 0
			}
			name := fmt.Sprintf("%s %s, %s × %d files of %s", r.p.name, r.d, plural(sessions, "session"), b.scale.files, bytesText(smallFile))
			t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
				err = b.on(ctx, azure(), func(s *site) error {
					cells, err = s.smallFiles(ctx, r.p, r.d, sessions, target)
					return err
				})
				return cells, err
			}})
		}
	}
	return t
}

// oneStream measures one stream and returns the median rate.
func (s *site) oneStream(ctx context.Context, p protocol, d direction) (float64, error) {
	size := s.b.scale.azure
	if err := s.placeStreams(1, size); err != nil {
		return 0, err
	}
	var rates []float64
	for range s.b.scale.repeats {
		m, err := streams(ctx, s.gateway, p, d, 1, size)
		if err != nil {
			return 0, err
		}
		rates = append(rates, m.rate())
	}
	return median(rates), nil
}

// smallFiles measures how long each of many small transfers takes.
func (s *site) smallFiles(ctx context.Context, p protocol, d direction, sessions int, target time.Duration) ([]string, error) {
	files := s.b.scale.files
	// What is read is there, and what is written is new: to replace a file costs requests
	// more, which the table of requests shows.
	name := func(session, file int) string { return fmt.Sprintf("small-%s-%s-%d-%d", p.name, d, session, file) }
	for i := range sessions {
		for n := 0; d == get && n <= files; n++ {
			if err := s.store.Place(containerName, name(i, n), azstub.Blob{Size: smallFile}); err != nil {
				return nil, err
			}
		}
	}
	clients, err := open(ctx, p, s.gateway, sessions, 0)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	// The first of each session opens the connections to the store.
	if err := together(clients, func(i int, c client) error { return d.move(c, name(i, files), smallFile) }); err != nil {
		return nil, err
	}
	before, err := s.gateway.usage()
	if err != nil {
		return nil, err
	}
	var l latencies
	err = together(clients, func(i int, c client) error {
		for n := range files {
			if err := l.time(func() error { return d.move(c, name(i, n), smallFile) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	after, err := s.gateway.usage()
	if err != nil {
		return nil, err
	}
	each := (after.cpu - before.cpu) / time.Duration(sessions*files)
	cells := []string{fmt.Sprintf("p50 %s, p95 %s, %s cpu each", millis(l.p50()), millis(l.p95()), millis(each))}
	if target > 0 {
		cells = append(cells, "p50 ≤ "+millis(target), metOrMissed(l.p50() <= target))
	}
	return cells, nil
}
