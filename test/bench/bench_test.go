package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPercentile(t *testing.T) {
	values := func(n ...int) (out []time.Duration) {
		for _, v := range n {
			out = append(out, time.Duration(v))
		}
		return out
	}
	tests := []struct {
		values []time.Duration
		p      float64
		want   time.Duration
	}{
		{nil, 0.5, 0},
		{values(7), 0.5, 7},
		{values(7), 0, 7},
		{values(3, 1, 2), 0.5, 2},
		{values(4, 3, 2, 1), 0.5, 2},
		{values(4, 3, 2, 1), 0.51, 3},
		{values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.95, 10},
		{values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), 0.9, 9},
		{values(1, 2), 1, 2},
	}
	for _, tt := range tests {
		if got := percentile(tt.values, tt.p); got != tt.want {
			t.Errorf("percentile(%v, %v) = %d, want %d", tt.values, tt.p, got, tt.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 4}, 4},
		{[]float64{4, 1}, 2.5},
	} {
		if got := median(tt.values); got != tt.want {
			t.Errorf("median(%v) = %v, want %v", tt.values, got, tt.want)
		}
	}
}

func TestMoved(t *testing.T) {
	m := moved{bytes: 2 * gib, elapsed: 4 * time.Second, cpu: 3 * time.Second}
	if m.rate() != 512 || m.cost() != 1.5 {
		t.Errorf("%v MiB/s, %v cpu; want 512 and 1.5", m.rate(), m.cost())
	}
}

func TestMet(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{atMost(1.204, 1.2), "met"},
		{atMost(1.206, 1.2), "**missed**"},
		{atLeast(0.896, 0.9), "met"},
		{atLeast(0.894, 0.9), "**missed**"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

// Each number of a row stands beside the median of an earlier state, and a target beside nothing.
func TestBeside(t *testing.T) {
	now := [][]string{{"900 MiB/s, 1.10 cpu", "1.20", "≤ 1.2", "met"}, {"1000 MiB/s, 1.00 cpu, aes128-gcm", "1.00", "≤ 1.2", "met"}}
	before := [][]string{{"500 MiB/s, 2.00 cpu", "1.10", "≤ 1.2", "met"}, {"400 MiB/s, 2.20 cpu", "0.90", "≤ 1.2", "**missed**"}}
	want := []string{"1000 MiB/s, 1.00 cpu, aes128-gcm (450: 2.11, 2.1: 0.50)", "1.00 (1: 1.10)", "≤ 1.2", "met"}
	if got := beside(now, before); !cmp.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := beside([][]string{{"none"}}, [][]string{{"7"}}); !cmp.Equal(got, []string{"none"}) {
		t.Errorf("%q", got)
	}
}

// A row is measured with both programs in turn.
func TestPaired(t *testing.T) {
	b := &bench{scale: scale{rounds: 2}, program: "now", base: "before", limit: time.Minute}
	var order []string
	cells, err := b.paired(t.Context(), row{"row", func(context.Context) ([]string, error) {
		order = append(order, b.program)
		return []string{map[string]string{"now": "3 ms", "before": "2 ms"}[b.program]}, nil
	}})
	if err != nil || !cmp.Equal(order, []string{"before", "now", "now", "before"}) || !cmp.Equal(cells, []string{"3 ms (2: 1.50)"}) {
		t.Errorf("%q, measured in the order %q, %v", cells, order, err)
	}
}

// The profile is that of the named program: a profile of another program would be mistaken for it.
func TestProfileBuildsTheProgram(t *testing.T) {
	for _, args := range [][]string{{"-program", "p"}, {"-base", "p"}} {
		if err := run(t.Context(), append(args, "-profile", t.TempDir()), io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "excludes") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

func TestParseStat(t *testing.T) {
	// A name may hold blanks and parentheses.
	const line = "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 1234 0 0 0 250 50 7 8 20 0 9 0 12345 123456789 2222 18446744073709551615"
	got, err := parseStat(line)
	if err != nil || got != 3*time.Second {
		t.Errorf("got %v, %v; want 3s", got, err)
	}
	for _, bad := range []string{"", "4711 (a) S 1 2 3", strings.Replace(line, "250", "x", 1)} {
		if _, err := parseStat(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func TestLastCipher(t *testing.T) {
	if got := lastCipher([]string{
		`{"msg":"login succeeded","frontend":"sftp.public","kex":"k","cipher":"aes256-ctr"}`,
		`{"msg":"login succeeded","frontend":"sftp.public","kex":"k","cipher":"aes128-ctr"}`,
		`{"msg":"login succeeded","frontend":"ftp.public"}`,
	}); got != "aes128-ctr" {
		t.Errorf("cipher %q", got)
	}
}

func TestBound(t *testing.T) {
	for _, tt := range []struct {
		bound bound
		want  []string
	}{
		{1.2, []string{"≤ 1.2", "met"}},
		{1.1, []string{"≤ 1.1", "**missed**"}},
		{0, nil},
	} {
		if diff := cmp.Diff(tt.want, tt.bound.cells(1.2)); diff != "" {
			t.Errorf("%v (-want +got)\n%s", tt.bound, diff)
		}
	}
}

func TestParseKB(t *testing.T) {
	const status = "Name:\ttidegate\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n"
	for key, want := range map[string]int64{"VmHWM:": 2 * mib, "VmRSS:": mib} {
		if got, err := parseKB(status, key); err != nil || got != want {
			t.Errorf("%s got %d, %v; want %d", key, got, err, want)
		}
	}
	if _, err := parseKB(status, "VmSwap:"); err == nil {
		t.Error("what is not there must be an error, not 0")
	}
}

func TestParseCPU(t *testing.T) {
	if got, ok := parseCPU("processor\t: 0\nmodel name\t: ACME 9000: fast\n"); !ok || got != "ACME 9000: fast" {
		t.Errorf("got %q, %v", got, ok)
	}
	if got, ok := parseCPU("processor\t: 0\n"); ok {
		t.Errorf("got %q of nothing", got)
	}
}

func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{
		64 * kib: "64 KiB", mib: "1 MiB", 3 * mib / 2: "1.5 MiB", 11*mib + 5: "11 MiB", gib: "1 GiB", gib + mib: "1025 MiB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

// Clients that read and those that let it write get the same.
func TestSource(t *testing.T) {
	const size = 2*step + 17
	var written strings.Builder
	n, err := newSource(size).WriteTo(&written)
	if err != nil || n != size {
		t.Fatalf("wrote %d bytes, %v", n, err)
	}
	read, err := io.ReadAll(struct{ io.Reader }{newSource(size)})
	if err != nil || len(read) != size {
		t.Fatalf("read %d bytes, %v", len(read), err)
	}
	for _, sent := range []int64{size - 1, size, size + 1} {
		s := sink{size: size}
		if _, err := io.Copy(&s, newSource(sent)); err != nil || (s.full() == nil) != (sent == size) {
			t.Errorf("the sink got %d bytes of %d, %v, %v", s.got, sent, err, s.full())
		}
	}
}

func TestTable(t *testing.T) {
	var out strings.Builder
	(&table{title: "T", columns: []string{"a", "b", ""}}).write(&out, [][]string{{"1", "2", "met"}, {"3"}})
	const want = "\n## T\n\n| a | b |  |\n|---|---|---|\n| 1 | 2 | met |\n| 3 |  |  |\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
