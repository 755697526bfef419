package heap

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// What the heap grows by after Follow has addresses that the system may back with huge
// pages.
func TestHeapGrowsIntoHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no huge pages")
	}
	begin(t, 100, math.MaxInt64)
	defer Follow(256*mib, 0)()
	regions := advised(t)
	var kept [][]byte
	huge := 0
	// What other tests have left comes first, as much as their ballasts.
	for huge < 10 && len(kept) < 1024 {
		p := make([]byte, mib)
		kept = append(kept, p)
		var at uint64
		if _, err := fmt.Sscanf(fmt.Sprintf("%p", &p[0]), "0x%x", &at); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(regions, func(r addresses) bool { return r.start <= at && at < r.end }) {
			huge++
		}
	}
	if huge < 10 {
		t.Errorf("%d of %d allocations may be in huge pages", huge, len(kept))
	}
	runtime.KeepAlive(kept)
}

type addresses struct{ start, end uint64 }

// advised returns the mappings of the process that may have huge pages.
func advised(t *testing.T) (all []addresses) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	var of addresses
	for line := range strings.Lines(string(maps)) {
		var a addresses
		if n, _ := fmt.Sscanf(line, "%x-%x ", &a.start, &a.end); n == 2 {
			of = a
		}
		if strings.HasPrefix(line, "VmFlags:") && strings.Contains(line, " hg") {
			all = append(all, of)
		}
	}
	return all
}
