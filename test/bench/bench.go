package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

// bench is one run of the benchmark.
type bench struct {
	scale   scale
	program string
	// base is the program of an earlier state that each row is measured with too, "" for none.
	base string
	// profiles is where CPU profiles go, "" for nowhere.
	profiles string
	only     *regexp.Regexp
	// limit is how long a row may take.
	limit time.Duration
	// log gets a line for the row that is being measured.
	log io.Writer
	// dir is for the files of the run.
	dir string

	keys *keys  // of SSH
	row  string // the row being measured
	// cut is the row during which the run was interrupted, "" for none.
	cut string
}

// table is one table of the report.
type table struct {
	title string
	// note says what the rows have in common.
	note    string
	columns []string
	rows    []row
}

// row is one line of a table, which is measured when its turn comes.
type row struct {
	name    string
	measure func(ctx context.Context) (cells []string, err error)
}

// within measures the row, and cancels the measurement if it takes too long. The end of the
// context kills the processes of the row, which ends everything that waits for them.
func (r row) within(ctx context.Context, limit time.Duration) ([]string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s", limit))
	defer cancel()
	cells, err := r.measure(ctx)
	if ctx.Err() != nil {
		err = errors.Join(context.Cause(ctx), err)
	}
	return cells, err
}

// measure measures all rows that were asked for and returns the page. A row
// that cannot be measured says so in its line, and in the error. When ctx ends, the page
// has the rows before.
func (b *bench) measure(ctx context.Context) ([]byte, error) {
	m, err := thisMachine()
	if err != nil {
		return nil, err
	}
	if b.keys, err = newKeys(b.dir); err != nil {
		return nil, err
	}
	begin := time.Now()
	var body bytes.Buffer
	var failed []error
	for _, t := range b.tables() {
		var lines [][]string
		for _, r := range t.rows {
			if ctx.Err() != nil {
				break
			}
			b.row = t.title + ": " + r.name
			if !b.only.MatchString(b.row) {
				continue
			}
			fmt.Fprintf(b.log, "%8s  %s\n", time.Since(begin).Round(time.Second), b.row)
			measure := r.within
			if b.base != "" {
				measure = func(ctx context.Context, _ time.Duration) ([]string, error) { return b.paired(ctx, r) }
			}
			cells, err := measure(ctx, b.limit)
			if ctx.Err() != nil {
				failed, b.cut = append(failed, context.Cause(ctx)), b.row
				break
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %w", b.row, err))
				cells = []string{"could not be measured"}
			}
			lines = append(lines, append([]string{r.name}, cells...))
		}
		if lines != nil {
			t.write(&body, lines)
		}
	}
	page, err := b.page(m, begin, body.String())
	return page, errors.Join(append(failed, err)...)
}

func (b *bench) tables() []table {
	return []table{
		b.throughput(), b.likeAzure(), b.tiny(), b.logins(), b.memory(), b.besideSlow(), b.fairness(), b.listing(), b.requests(), b.lakeRequests(), b.onePort(), b.observed(), b.flooded(),
	}
}
