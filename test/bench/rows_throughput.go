package main

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// mover moves n files of a size through the gateway at once, and says what that
// took.
type mover func(ctx context.Context, s *site, d direction, n int, size int64) (moved, error)

func (p protocol) mover() mover {
	return func(ctx context.Context, s *site, d direction, n int, size int64) (moved, error) {
		return streams(ctx, s.gateway, p, d, n, size)
	}
}

// bound is the most CPU that a byte may cost, as a ratio to the floor; 0 is no bound.
type bound float64

// cells returns the bound and whether it is kept.
func (t bound) cells(ratio float64) []string {
	if t == 0 {
		return nil
	}
	return []string{fmt.Sprintf("≤ %.1f", t), atMost(ratio, float64(t))}
}

// throughput is the table of what a byte costs.
func (b *bench) throughput() table {
	t := table{
		title: "Throughput and CPU, store without latency",
		note: "The ratio is that of the CPU for each GiB, gateway to floor. The gateway sends a CRC64 with every block, the floor none. " +
			"In SFTP, 64 requests of 32 KiB are under way, and the cipher is the one that the gateway logged; " +
			"OpenSSH is the program `sftp` of this machine. " + b.repeated(),
		columns: []string{"work", "floor", "Tidegate", "ratio", "target", ""},
	}
	ftp, ftps, sftp := plainFTP().mover(), explicitFTPS().mover(), sftpWith(b.keys).mover()
	for _, r := range []struct {
		client  string
		by      mover
		d       direction
		streams int
		size    int64
		most    bound
	}{
		{"FTP", ftp, put, 1, b.scale.stream, 1.2},
		{"FTP", ftp, put, 8, b.scale.part, 1.2},
		{"FTP", ftp, get, 1, b.scale.stream, 1.2},
		{"FTP", ftp, get, 8, b.scale.part, 1.2},
		{"FTPS", ftps, put, 1, b.scale.stream, 1.5},
		{"FTPS", ftps, get, 1, b.scale.stream, 1.6},
		{"SFTP", sftp, put, 1, b.scale.stream, 2.2},
		{"SFTP", sftp, put, 8, b.scale.part, 2.2},
		{"SFTP", sftp, get, 1, b.scale.stream, 2.2},
		{"SFTP", sftp, get, 8, b.scale.part, 2.2},
		{"OpenSSH", byOpenSSH(), put, 1, b.scale.stream, 0},
		{"OpenSSH", byOpenSSH(), get, 1, b.scale.stream, 0},
		{"OpenSSH -c " + gcm, byOpenSSH("-c", gcm), put, 1, b.scale.stream, 0},
		{"OpenSSH -c " + gcm, byOpenSSH("-c", gcm), get, 1, b.scale.stream, 0},
	} {
		name := fmt.Sprintf("%s %s %d × %s", r.client, r.d, r.streams, bytesText(r.size))
		t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, fast(), func(s *site) error {
				cells, err = s.compare(ctx, r.by, r.d, r.streams, r.size, r.most)
				return err
			})
			return cells, err
		}})
	}
	return t
}

func (b *bench) repeated() string {
	if b.scale.repeats == 1 {
		return "Measured once."
	}
	return fmt.Sprintf("Medians of %d, floor and gateway in turn, after a warm-up of both.", b.scale.repeats)
}

// compare measures floor and gateway in turn.
func (s *site) compare(ctx context.Context, by mover, d direction, n int, size int64, most bound) ([]string, error) {
	if err := s.startFloor(ctx); err != nil {
		return nil, err
	}
	if err := s.placeStreams(n, size); err != nil {
		return nil, err
	}
	measure := func(size int64) (floor, ours moved, err error) {
		if floor, err = streams(ctx, s.floor, theFloor(), d, n, size); err != nil {
			return floor, ours, fmt.Errorf("floor: %w", err)
		}
		ours, err = by(ctx, s, d, n, size)
		return floor, ours, err
	}
	// A process that has just started pays for its first memory.
	warmUp := size
	if d == put {
		warmUp = size / 4
	}
	if _, _, err := measure(warmUp); err != nil {
		return nil, err
	}
	var rates, costs [2][]float64
	var ratios []float64
	for range s.b.scale.repeats {
		floor, ours, err := measure(size)
		if err != nil {
			return nil, err
		}
		for i, m := range []moved{floor, ours} {
			rates[i] = append(rates[i], m.rate())
			costs[i] = append(costs[i], m.cost())
		}
		ratios = append(ratios, ours.cost()/floor.cost())
	}
	cell := func(i int) string { return fmt.Sprintf("%.0f MiB/s, %.2f cpu", median(rates[i]), median(costs[i])) }
	ours := cell(1)
	if cipher := s.gateway.negotiated(); cipher != "" {
		ours += ", " + cipher
	}
	ratio := median(ratios)
	return append([]string{cell(0), ours, fmt.Sprintf("%.2f", ratio)}, most.cells(ratio)...), nil
}

// placeStreams puts the files into the store that downloads read.
func (s *site) placeStreams(n int, size int64) error {
	for i := range n {
		if err := s.store.Place(containerName, streamName(i), azstub.Blob{Size: size}); err != nil {
			return err
		}
	}
	return nil
}
