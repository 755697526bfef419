package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// paired measures a row in turn with the program and with the program of an earlier state, so that
// a machine that slows down slows both. Behind each number of the program stand the number of the
// earlier state and the ratio to it. All numbers are medians of the rounds.
func (b *bench) paired(ctx context.Context, r row) ([]string, error) {
	var now, before [][]string
	for i := range b.scale.rounds {
		for k := range 2 {
			// The one that comes second finds warm caches, so they take turns.
			old := (i+k)%2 == 0
			program := b.program
			if old {
				b.program = b.base
			}
			cells, err := r.within(ctx, b.limit)
			b.program = program
			switch {
			case err != nil && old:
				return nil, fmt.Errorf("before: %w", err)
			case err != nil:
				return nil, err
			case old:
				before = append(before, cells)
			default:
				now = append(now, cells)
			}
		}
	}
	return beside(now, before), nil
}

// numbers are those of a cell: what was measured, a count or a percentage.
var numbers = regexp.MustCompile(`\d+(?:\.\d+)?`)

// beside returns the cells of the last row of now. Behind each that was measured stand, for
// each of its numbers, the median of before, and the ratio of now to it.
func beside(now, before [][]string) []string {
	last := now[len(now)-1]
	cells := make([]string, len(last))
	for i, text := range last {
		cells[i] = text
		ours, theirs := column(now, i), column(before, i)
		var compared []string
		for k := range min(len(ours), len(theirs)) {
			if a, b := median(ours[k]), median(theirs[k]); b > 0 && !constant(text) {
				compared = append(compared, fmt.Sprintf("%s: %.2f", strconv.FormatFloat(b, 'g', 4, 64), a/b))
			}
		}
		if compared != nil {
			cells[i] += " (" + strings.Join(compared, ", ") + ")"
		}
	}
	return cells
}

// constant reports whether a cell has a target, or whether it was met.
func constant(cell string) bool {
	return strings.HasPrefix(cell, "≤") || strings.HasPrefix(cell, "≥") || strings.Contains(cell, "met") || strings.Contains(cell, "missed")
}

// column returns the values of each number of a cell in several measurements of a row, up to
// the first number that one of them does not have.
func column(rows [][]string, i int) [][]float64 {
	var values [][]float64
	for n, cells := range rows {
		if i >= len(cells) {
			return nil
		}
		found := numbers.FindAllString(cells[i], -1)
		if n == 0 {
			values = make([][]float64, len(found))
		}
		values = values[:min(len(values), len(found))]
		for k := range values {
			v, err := strconv.ParseFloat(found[k], 64)
			if err != nil {
				return values[:k]
			}
			values[k] = append(values[k], v)
		}
	}
	return values
}
