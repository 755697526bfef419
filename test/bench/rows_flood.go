package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/tidegate/tidegate/test/launch"
)

const (
	// floodedFrontend serves one session, and refuses the others.
	floodedFrontend = "ftp.flooded"
	// leastBeside is the least ratio of the rate of uploads beside a flood at the gateway to
	// their rate beside a flood at a program that only refuses connections. mostLines is how
	// many lines a second the log may have.
	leastBeside, mostLines = 0.95, 3
)

// flooded is the table of uploads beside connections that are refused.
func (b *bench) flooded() table {
	return table{
		title: "A flood of refused connections",
		note: fmt.Sprintf("%d FTP uploads of %s, alone and beside connections that another process makes as often as it can, at most %d a second, and that are refused (`max_sessions`). "+
			"Client and flood take processor time that the uploads would have, so the same flood goes to a bare program that accepts, sends a line and closes; the ratio is to that. Medians of %d.",
			fastStreams, bytesText(b.scale.stream), b.scale.flood, b.scale.repeats),
		columns: []string{"work", "alone", "beside, at a bare program", "beside, at Tidegate", "ratio", "target", "", "lines of the log", "target", ""},
		rows: []row{{fmt.Sprintf("%d FTP uploads", fastStreams), func(ctx context.Context) (cells []string, err error) {
			s, err := b.siteLike(ctx, fast(), cheapHash, &site{change: func(c *launch.Config) {
				c.More = "frontend \"ftp\" \"flooded\" {\n listen = \"127.0.0.1:0\"\n max_sessions = 1\n passive {\n listen = \"127.0.0.1:0\"\n }\n}\n"
			}})
			if err != nil {
				return nil, err
			}
			defer func() { err = errors.Join(err, s.close()) }()
			return s.besideFlood(ctx)
		}}},
	}
}

// besideFlood measures uploads alone, beside a flood at a bare program, and beside one at the
// gateway.
func (s *site) besideFlood(ctx context.Context) (cells []string, err error) {
	at, err := s.gateway.Addr(ctx, floodedFrontend)
	if err != nil {
		return nil, err
	}
	only, err := plainFTP().dial(ctx, at, nil)
	if err != nil {
		return nil, err
	}
	defer only.close()
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	bare, err := start(ctx, exec.CommandContext(ctx, self, refuserCommand), refuserCommand)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bare.Stop()) }()
	uploads := func() (float64, error) {
		m, err := streams(ctx, s.gateway, plainFTP(), put, fastStreams, s.b.scale.stream)
		return m.rate(), err
	}
	if _, err := uploads(); err != nil { // a new process pays for its first memory
		return nil, err
	}
	var alone, besideBare, beside, ratios, bareRates, rates []float64
	lines, seconds := 0, 0.0
	for range s.b.scale.repeats {
		rate, err := uploads()
		if err != nil {
			return nil, err
		}
		alone = append(alone, rate)
		first, err := s.b.flood(ctx, bare.addresses[refuserCommand], uploads)
		if err != nil {
			return nil, err
		}
		before := len(s.gateway.Lines(aboutRefusals))
		second, err := s.b.flood(ctx, at, uploads)
		if err != nil {
			return nil, err
		}
		lines += len(s.gateway.Lines(aboutRefusals)) - before
		seconds += second.seconds
		besideBare, beside = append(besideBare, first.uploads), append(beside, second.uploads)
		bareRates, rates = append(bareRates, first.rate), append(rates, second.rate)
		ratios = append(ratios, second.uploads/first.uploads)
	}
	ratio, each := median(ratios), float64(lines)/seconds
	return []string{
		fmt.Sprintf("%.0f MiB/s", median(alone)),
		fmt.Sprintf("%.0f MiB/s, %.0f refused/s", median(besideBare), median(bareRates)),
		fmt.Sprintf("%.0f MiB/s, %.0f refused/s", median(beside), median(rates)),
		fmt.Sprintf("%.2f", ratio), fmt.Sprintf("≥ %.2f", leastBeside), atLeast(ratio, leastBeside),
		fmt.Sprintf("%.1f/s", each), fmt.Sprintf("≤ %d/s", mostLines), atMost(each, mostLines),
	}, nil
}

// aboutRefusals matches the lines of the log about refused connections.
func aboutRefusals(line string) bool {
	return strings.Contains(line, `sessions refused"`) || launch.Wrote("session refused")(line)
}
