package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestMain makes this test binary the relay that the benchmark starts itself as.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == relayCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestEveryTable measures a row or two of every table as small as they get, with
// the program that is profiled. What the numbers say is nothing.
func TestEveryTable(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	b := &bench{
		scale: scale{
			repeats: 1, stream: mib, part: mib, azure: mib, sessions: 2, files: 2,
			uploads: []int{2}, uploadSize: mib, slow: 4, idle: 2, entries: []int{10}, crowds: []int{2},
		},
		only: regexp.MustCompile(`CPU.* 1 ×|FTPS? put, 2|FTPS login and put, 2|1 × 1|^Memory|^Fast|^Listings|STOR of 64 KiB, rep|^One`),
		dir:  t.TempDir(),
		log:  t.Output(),
	}
	profiles := t.TempDir()
	if err := b.profiled(t.Context(), profiles); err != nil {
		t.Fatal(err)
	}
	page, err := b.measure(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", page)
	for _, table := range b.tables() {
		if !strings.Contains(string(page), "\n## "+table.title+"\n") {
			t.Errorf("no table %q", table.title)
		}
	}
	if strings.Contains(string(page), "could not") {
		t.Error("a row could not be measured")
	}
	found, err := filepath.Glob(filepath.Join(profiles, "*.cpu"))
	if err != nil || len(found) < len(b.tables()) {
		t.Errorf("profiles: %q, %v", found, err)
	}
}
