package heap

import (
	"fmt"
	"math"
	"os"
	"runtime"
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
	var kept [][]byte
	for range 20 {
		kept = append(kept, make([]byte, mib))
	}
	huge := 0
	regions := advised(t)
	for _, p := range kept {
		var at uint64
		if _, err := fmt.Sscanf(fmt.Sprintf("%p", &p[0]), "0x%x", &at); err != nil {
			t.Fatal(err)
		}
		for _, r := range regions {
			if r.start <= at && at < r.end {
				huge++
			}
		}
	}
	if huge < len(kept)/2 { // some find other free addresses
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
