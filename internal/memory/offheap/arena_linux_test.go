//go:build !race

package offheap

import "testing"

// What is given back leaves its region, and the last buffer of a region takes the region
// along.
func TestRegionsComeAndGo(t *testing.T) {
	const size = 256 << 10
	const each = regionBytes / size
	a := NewArena(size)
	var all [][]byte
	for range 2*each + 1 {
		all = append(all, a.Alloc())
	}
	if len(a.regions) != 3 {
		t.Fatalf("%d buffers lie in %d regions", len(all), len(a.regions))
	}
	// One of the full region comes from there again, not from the one that was begun.
	a.Free(all[0])
	if again := a.Alloc(); &again[0] != &all[0][0] {
		t.Error("a gap was left")
	}
	for i, buf := range all {
		a.Free(buf)
		if want := 3 - (i+1)/each; i < 2*each && len(a.regions) != want {
			t.Fatalf("%d buffers are given back, and there are %d regions, want %d", i+1, len(a.regions), want)
		}
	}
	if len(a.regions) != 0 || len(a.of) != 0 {
		t.Errorf("%d regions and %d buffers are left", len(a.regions), len(a.of))
	}
}

// Where the system has no region, buffers are given back all the same.
func TestBufferOfNoRegion(t *testing.T) {
	const size = 64 << 10
	a := NewArena(size)
	a.Free(Alloc(size))
	if len(a.regions) != 0 {
		t.Error("a buffer of its own has a region")
	}
}
