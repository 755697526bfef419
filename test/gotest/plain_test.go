package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInvocations(t *testing.T) {
	vfs, clients := module+"vfs", module+"test/clients"
	race, count := []string{"-race", "-count=1"}, []string{"-count=1"}
	tests := []struct {
		name            string
		flags, packages []string
		want            [][]string
	}{
		{"both", race, []string{clients, vfs}, [][]string{{"-p=3", "-race", "-count=1", vfs}, {"-p=2", "-count=1", clients}}},
		{"with the race detector alone", race, []string{vfs}, [][]string{{"-p=3", "-race", "-count=1", vfs}}},
		{"without it alone", race, []string{clients}, [][]string{{"-p=3", "-count=1", clients}}},
		{"nobody asks for it", count, []string{clients, vfs}, [][]string{{"-p=3", "-count=1", clients, vfs}}},
		{"no packages", race, nil, [][]string{{"-p=3", "-race", "-count=1"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, invocations(tt.flags, tt.packages, []string{"test/clients"}, 3)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestPlainPackagesAreThere: a package that was renamed would be tested with -race again.
func TestPlainPackagesAreThere(t *testing.T) {
	plain, err := readFile(filepath.Join("..", "plain.txt"), parsePackages)
	if err != nil || len(plain) == 0 {
		t.Fatalf("%d packages, %v", len(plain), err)
	}
	for _, p := range plain {
		if _, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(p))); err != nil {
			t.Error(err)
		}
	}
	if got, err := parsePackages(strings.NewReader("a b\n")); err == nil {
		t.Errorf("got %v, want an error", got)
	}
}

func TestLinesStayWhole(t *testing.T) {
	line := strings.Repeat("x", 10_000) + "\n"
	out, in := io.Pipe()
	var lines sync.Mutex
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := copyLines(in, &lines, strings.NewReader(strings.Repeat(line, 50))); err != nil {
				t.Error(err)
			}
		})
	}
	go func() {
		group.Wait()
		_ = in.Close()
	}()
	n := 0
	for all := bufio.NewReader(out); ; n++ {
		got, err := all.ReadString('\n')
		if err == io.EOF {
			break
		}
		if err != nil || got != line {
			t.Fatalf("line %d has %d bytes, %v", n, len(got), err)
		}
	}
	if n != 200 {
		t.Errorf("%d lines, want 200", n)
	}
}
