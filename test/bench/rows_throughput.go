package main

import (
	"context"
	"fmt"

	"github.com/tidegate/tidegate/internal/azstub"
)

// throughput is the table of what a byte costs.
func (b *bench) throughput() table {
	t := table{
		title: "Throughput and CPU, store without latency",
		note: "The ratio is that of the CPU for each GiB, gateway to floor. The gateway sends a CRC64 with every block, the floor none. " +
			b.repeated(),
		columns: []string{"work", "floor", "Tidegate", "ratio", "target", ""},
	}
	for _, r := range []struct {
		p       protocol
		d       direction
		streams int
		size    int64
		target  float64
	}{
		{plainFTP(), put, 1, b.scale.stream, 1.2},
		{plainFTP(), put, 8, b.scale.part, 1.2},
		{plainFTP(), get, 1, b.scale.stream, 1.2},
		{plainFTP(), get, 8, b.scale.part, 1.2},
		{explicitFTPS(), put, 1, b.scale.stream, 1.5},
		{explicitFTPS(), get, 1, b.scale.stream, 1.6},
	} {
		name := fmt.Sprintf("%s %s %d × %s", r.p.name, r.d, r.streams, bytesText(r.size))
		t.rows = append(t.rows, row{name, func(ctx context.Context) (cells []string, err error) {
			err = b.on(ctx, fast(), func(s *site) error {
				cells, err = s.compare(ctx, r.p, r.d, r.streams, r.size, r.target)
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
func (s *site) compare(ctx context.Context, p protocol, d direction, n int, size int64, target float64) ([]string, error) {
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
		ours, err = streams(ctx, s.gateway, p, d, n, size)
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
	ratio := median(ratios)
	cell := func(i int) string { return fmt.Sprintf("%.0f MiB/s, %.2f cpu", median(rates[i]), median(costs[i])) }
	return []string{cell(0), cell(1), fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≤ %.1f", target), atMost(ratio, target)}, nil
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
