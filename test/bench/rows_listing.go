package main

import (
	"context"
	"fmt"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

const (
	// mostGrowth is by how much a listing may let the process grow, however long it is.
	mostGrowth = 24 * mib
	// leastRatio is the target of the rate, in rates of the SDK's pager, latest that
	// of the first line, in times until its first page.
	leastRatio, latest = 0.9, 1.5
)

// listing is the table of large directories.
func (b *bench) listing() table {
	t := table{
		title: "Listings",
		note: "LIST over FTP, and READDIR after READDIR over SFTP, beside the SDK's pager alone. Here `cpu` is for 100,000 entries. " +
			"The growth is that of the peak memory over what the process had before.",
		columns: []string{"protocol, entries", "SDK's pager", "Tidegate", "ratio", "target", "", "first line", "target", "", "growth", "target", ""},
	}
	for _, p := range []protocol{plainFTP(), sftpWith(b.keys)} {
		for _, n := range b.scale.entries {
			t.rows = append(t.rows, row{fmt.Sprintf("%s %d", p.name, n), func(ctx context.Context) (cells []string, err error) {
				err = b.on(ctx, fast(), func(s *site) error {
					cells, err = s.list(ctx, p, n)
					return err
				})
				return cells, err
			}})
		}
	}
	return t
}

func (s *site) list(ctx context.Context, p protocol, n int) ([]string, error) {
	modified := time.Now()
	for i := range n + 1 {
		name := fmt.Sprintf("many/entry-%07d", i)
		if i == n {
			name = "few/entry"
		}
		if err := s.store.Place(containerName, name, azstub.Blob{Size: int64(i), Modified: modified}); err != nil {
			return nil, err
		}
	}
	if err := s.startFloor(ctx); err != nil {
		return nil, err
	}
	type measured struct {
		listed
		cpu time.Duration
	}
	measure := func(dir string) (floor, ours measured, err error) {
		for _, m := range []struct {
			server *process
			p      protocol
			out    *measured
		}{{s.floor, theFloor(), &floor}, {s.gateway, p, &ours}} {
			m.out.listed, m.out.cpu, err = listOnce(ctx, m.server, m.p, dir)
			if err != nil {
				return floor, ours, fmt.Errorf("%s: %w", m.p.name, err)
			}
		}
		return floor, ours, nil
	}
	if _, _, err := measure("few"); err != nil {
		return nil, err
	}
	before, err := s.gateway.usage()
	if err != nil {
		return nil, err
	}
	var rates, firsts, costs [2][]float64
	var ratios []float64
	// A million entries take long enough to be measured once.
	for range max(1, s.b.scale.repeats*100_000/max(n, 100_000)) {
		floor, ours, err := measure("many")
		if err != nil {
			return nil, err
		}
		for i, l := range []measured{floor, ours} {
			if l.entries != n {
				return nil, fmt.Errorf("%d entries", l.entries)
			}
			rates[i] = append(rates[i], float64(n)/l.all.Seconds())
			firsts[i] = append(firsts[i], l.first.Seconds())
			costs[i] = append(costs[i], l.cpu.Seconds()*100_000/float64(n))
		}
		ratios = append(ratios, floor.all.Seconds()/ours.all.Seconds())
	}
	after, err := s.gateway.usage()
	ratio, growth := median(ratios), after.peak-before.rss
	page, first := median(firsts[0]), median(firsts[1])
	cells := []string{
		fmt.Sprintf("%.0f/s, %.2f cpu, first page after %.0f ms", median(rates[0]), median(costs[0]), page*1000),
		fmt.Sprintf("%.0f/s, %.2f cpu", median(rates[1]), median(costs[1])),
		fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.1f", leastRatio), atLeast(ratio, leastRatio),
		fmt.Sprintf("%.0f ms", first*1000), fmt.Sprintf("≤ %.1f first pages", latest), metOrMissed(first <= latest*page),
		fmt.Sprintf("%.1f MiB", float64(growth)/mib), "≤ " + bytesText(mostGrowth), metOrMissed(growth <= mostGrowth),
	}
	return cells, err
}

// listOnce lists a directory in a new session.
func listOnce(ctx context.Context, server *process, p protocol, dir string) (l listed, cpu time.Duration, err error) {
	c, err := p.open(ctx, server, nil)
	if err != nil {
		return l, 0, err
	}
	defer c.close()
	before, err := server.usage()
	if err != nil {
		return l, 0, err
	}
	if l, err = c.list(dir); err != nil {
		return l, 0, err
	}
	after, err := server.usage()
	return l, after.cpu - before.cpu, err
}
