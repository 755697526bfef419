package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// cost is what the tests of one package take.
type cost struct {
	// pkg is the path below the module: "test/clients".
	pkg string
	// seconds pass from their start to their end; cpu are seconds of processors, of
	// all processes together.
	seconds, cpu float64
}

// parseCosts reads what writeCosts writes.
func parseCosts(r io.Reader) ([]cost, error) {
	var all []cost
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text, _, _ := strings.Cut(lines.Text(), "#")
		f := strings.Fields(text)
		if len(f) == 0 {
			continue
		}
		if len(f) != 3 {
			return nil, fmt.Errorf("line %d: want a package, seconds and seconds of processors, got %q", n, text)
		}
		c := cost{pkg: f[0]}
		var err error
		if c.seconds, err = strconv.ParseFloat(f[1], 64); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if c.cpu, err = strconv.ParseFloat(f[2], 64); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		all = append(all, c)
	}
	return all, lines.Err()
}

// writeCosts writes a line for each package, the longest first.
func writeCosts(w io.Writer, all []cost) error {
	var b strings.Builder
	b.WriteString("# What each package's tests take in make test: seconds, and seconds of processors.\n" +
		"# Written by test/gotest; see CONTRIBUTING.md.\n\n")
	for _, c := range longestFirst(all) {
		fmt.Fprintf(&b, "%-32s %6.0f %6.0f\n", c.pkg, c.seconds, c.cpu)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func longestFirst(all []cost) []cost {
	return slices.SortedStableFunc(slices.Values(all), func(a, b cost) int { return cmp.Compare(b.seconds, a.seconds) })
}

// inOrder takes the patterns of packages, which begin with "./", from among the arguments of
// go test, and returns the packages that they name, the longest first: go test starts
// them in this order, and the last ones to end should be short ones.
func inOrder(args []string, costs []cost) (rest, packages []string, err error) {
	seconds := map[string]float64{}
	for _, c := range costs {
		seconds[c.pkg] = c.seconds
	}
	var patterns []string
	for _, a := range args {
		if strings.HasPrefix(a, "./") {
			patterns = append(patterns, a)
		} else {
			rest = append(rest, a)
		}
	}
	if len(patterns) == 0 {
		return rest, nil, nil
	}
	out, err := exec.Command("go", append([]string{"list"}, patterns...)...).Output()
	if err != nil {
		return nil, nil, fmt.Errorf("go list: %w", err)
	}
	packages = strings.Fields(string(out))
	slices.SortStableFunc(packages, func(a, b string) int { return cmp.Compare(seconds[below(b)], seconds[below(a)]) })
	return rest, packages, nil
}

// module is the path that begins those of all packages here.
const module = "github.com/tidegate/tidegate/"

// below returns an import path without the module's.
func below(path string) string { return strings.TrimPrefix(path, module) }
