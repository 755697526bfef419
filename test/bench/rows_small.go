package main

import (
	"context"
	"fmt"
	"time"
)

// tinyFile is what devices send: a measurement, an order.
const tinyFile = 4 * kib

// tiny is the table of tiny files, one after the other in each session.
func (b *bench) tiny() table {
	t := table{
		title: "Tiny files, store without latency",
		note: "Uploads one after the other in each session, from EPSV to 226, or from OPEN to the answer to CLOSE. The floor writes each to the store " +
			"over a connection of its own. The target is for the time above the floor's.",
		columns: []string{"work", "floor", "Tidegate", "above the floor", "target", ""},
	}
	for _, r := range []struct {
		p        protocol
		sessions int
		target   time.Duration // 0 is none
	}{
		{plainFTP(), 1, 1500 * time.Microsecond},
		{plainFTP(), 10, 0},
		{explicitFTPS(), 1, 0},
		{sftpWith(b.keys), 1, 0},
		{sftpWith(b.keys), 10, 0},
	} {
		name := fmt.Sprintf("%s put, %s × %d files of %s", r.p.name, plural(r.sessions, "session"), 10*b.scale.files, bytesText(tinyFile))
		t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, fast(), func(s *site) error {
				cells, err = s.tinyFiles(ctx, r.p, r.sessions, r.target)
				return err
			})
			return cells, err
		}})
	}
	return t
}

// tinyFiles measures floor and gateway.
func (s *site) tinyFiles(ctx context.Context, p protocol, sessions int, target time.Duration) ([]string, error) {
	if err := s.startFloor(ctx); err != nil {
		return nil, err
	}
	floor, below, err := s.tinyUploads(ctx, s.floor, theFloor(), sessions)
	if err != nil {
		return nil, err
	}
	ours, text, err := s.tinyUploads(ctx, s.gateway, p, sessions)
	if err != nil {
		return nil, err
	}
	above := max(0, ours-floor)
	cells := []string{below, text, millis(above)}
	if target > 0 {
		cells = append(cells, "≤ "+millis(target), metOrMissed(above <= target))
	}
	return cells, nil
}

// tinyUploads returns how long the middle one of many uploads takes, and what there is
// to tell.
func (s *site) tinyUploads(ctx context.Context, server *process, p protocol, sessions int) (time.Duration, string, error) {
	files := 10 * s.b.scale.files
	clients, err := open(ctx, p, server, sessions, 0)
	if err != nil {
		return 0, "", err
	}
	defer closeAll(clients)
	// The first of each session opens the connections to the store.
	if err := together(clients, func(i int, c client) error { return put.move(c, tinyName(p, i, 0), tinyFile) }); err != nil {
		return 0, "", err
	}
	var l latencies
	m, err := server.moving(int64(sessions*files)*tinyFile, func() error {
		return together(clients, func(i int, c client) error {
			for n := range files {
				if err := l.time(func() error { return put.move(c, tinyName(p, i, n+1), tinyFile) }); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return 0, "", err
	}
	each := m.cpu / time.Duration(sessions*files)
	return l.p50(), fmt.Sprintf("p50 %s, %.0f files/s, %s cpu each", millis(l.p50()), float64(sessions*files)/m.elapsed.Seconds(), millis(each)), nil
}

// tinyName is a new name for each upload, of the floor and of the gateway: to replace
// a file costs requests more.
func tinyName(p protocol, session, file int) string {
	return fmt.Sprintf("tiny-%s-%d-%d", p.name, session, file)
}
