package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// plainAtOnce is how many packages without the race detector run at a time.
const plainAtOnce = 2

// raceFlag has go test build the tests with the race detector.
const raceFlag = "-race"

// parsePackages reads the names of packages below the module, one on a line; # begins a
// comment.
func parsePackages(r io.Reader) ([]string, error) {
	var all []string
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		switch f := strings.Fields(text); len(f) {
		case 0:
		case 1:
			all = append(all, f[0])
		default:
			return nil, fmt.Errorf("line %d: want a package, got %q", n, text)
		}
	}
	return all, lines.Err()
}

// invocations returns the arguments of the runs of go test that test the packages with
// flags: one, or a second one at the same time for those of plain, without the race
// detector. parallel is how many packages of the first one may run at a time.
func invocations(flags, packages, plain []string, parallel int) [][]string {
	var racing, others []string
	for _, p := range packages {
		if slices.Contains(plain, below(p)) && slices.Contains(flags, raceFlag) {
			others = append(others, p)
		} else {
			racing = append(racing, p)
		}
	}
	without := slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f == raceFlag })
	switch {
	case len(others) == 0:
		return [][]string{invocation(parallel, flags, packages)}
	case len(racing) == 0:
		return [][]string{invocation(parallel, without, others)}
	}
	// Those of the second run wait the most, for programs that they start.
	return [][]string{invocation(parallel, flags, racing), invocation(plainAtOnce, without, others)}
}

func invocation(parallel int, flags, packages []string) []string {
	return slices.Concat([]string{fmt.Sprintf("-p=%d", parallel)}, flags, packages)
}
