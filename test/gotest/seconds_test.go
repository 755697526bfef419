package main

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:generate go test -run ^TestSeconds$ -update .

var update = flag.Bool("update", false, "write the seconds in CONTRIBUTING.md")

// TestSeconds compares the column "seconds" of the table in CONTRIBUTING.md with what
// the packages of each row took.
func TestSeconds(t *testing.T) {
	name := filepath.Join("..", "..", "CONTRIBUTING.md")
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	costs, err := readFile(filepath.Join("..", "costs.txt"), parseCosts)
	if err != nil {
		t.Fatal(err)
	}
	filled, rows := withSeconds(string(page), costs)
	if rows < 5 {
		t.Fatalf("%d rows with seconds in %s", rows, name)
	}
	if *update {
		if err := os.WriteFile(name, []byte(filled), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(page), filled); diff != "" {
		t.Errorf("go generate ./test/gotest changes %s:\n%s", name, diff)
	}
}

// row is a row of the table: what was changed, what to run, seconds.
var row = regexp.MustCompile("(?m)^(\\|[^|]*\\| `(?:go test|make test)[^|]*\\| )\\d+( \\|)$")

// command is what a row runs.
var command = regexp.MustCompile("`([^`]*)`")

func withSeconds(page string, costs []cost) (filled string, rows int) {
	filled = row.ReplaceAllStringFunc(page, func(text string) string {
		m := row.FindStringSubmatch(text)
		rows++
		what, toRun, _ := strings.Cut(strings.TrimPrefix(m[1], "|"), "|")
		var patterns []string
		for _, c := range command.FindAllStringSubmatch(toRun, -1) {
			patterns = append(patterns, strings.Fields(c[1])[2:]...)
		}
		if len(patterns) == 0 { // make test
			patterns = []string{"./..."}
		}
		return "|" + what + "|" + toRun + strconv.Itoa(seconds(patterns, costs)) + m[2]
	})
	return filled, rows
}

// seconds returns how long the packages of patterns take on two idle processors, in steps of
// ten: as long as the longest of them, or as both processors need for all of them.
func seconds(patterns []string, costs []cost) int {
	var longest, cpu float64
	for _, c := range costs {
		for _, p := range patterns {
			p = strings.TrimPrefix(p, "./")
			dir, below := strings.CutSuffix(p, "...")
			if c.pkg == p || below && (dir == "" || strings.HasPrefix(c.pkg+"/", dir)) {
				longest = max(longest, c.seconds)
				cpu += c.cpu
				break
			}
		}
	}
	return 10 * int(math.Ceil(max(longest, cpu/2)/10))
}

func TestWithSeconds(t *testing.T) {
	costs := []cost{{"vfs", 30, 20}, {"vfs/vfstest", 20, 100}, {"config", 200, 10}, {"test/clients", 59, 1}}
	page := "| you changed | run | seconds |\n|---|---|---|\n" +
		"| a | `go test ./vfs/...` | 9 |\n| b | `go test ./vfs ./test/clients` | 9 |\n| c | `go test ./config` and `go test ./vfs` | 9 |\n" +
		"| d | `make bench` | 9 |\n| e | `make test` | 9 |\n"
	want := "| you changed | run | seconds |\n|---|---|---|\n" +
		"| a | `go test ./vfs/...` | 60 |\n| b | `go test ./vfs ./test/clients` | 60 |\n| c | `go test ./config` and `go test ./vfs` | 200 |\n" +
		"| d | `make bench` | 9 |\n| e | `make test` | 200 |\n"
	got, rows := withSeconds(page, costs)
	if diff := cmp.Diff(want, got); diff != "" || rows != 4 {
		t.Errorf("%d rows (-want +got):\n%s", rows, diff)
	}
	costs[1].cpu = 400
	if got := seconds([]string{"./vfs/..."}, costs); got != 210 {
		t.Errorf("420 seconds of two processors are %d seconds, want 210", got)
	}
}
