package vfstest

import (
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// capsTests hold what the tests of the single operations do not: each of those
// proves its own capability, or the refusal where it is not declared.
func capsTests() []suiteTest {
	return []suiteTest{
		{"G9/caps-do-not-change", testCapsStay},
		{"G9/caps-fit-together", testCapsFit},
	}
}

func testCapsStay(e *env) {
	e.put("/dir/file", []byte("x"))
	e.remove("/dir/file", vfs.TypeFile)
	if got := e.b.Caps(); got != e.caps {
		e.Fatalf("Caps were %+v and are %+v", e.caps, got)
	}
}

func testCapsFit(e *env) {
	c := e.caps
	if c.SetModTime && c.TimePrecision <= 0 {
		e.Errorf("SetModTime without a TimePrecision: %+v", c)
	}
	if c.TimePrecision < 0 || c.TimePrecision > time.Hour {
		e.Errorf("TimePrecision is %v", c.TimePrecision)
	}
	if c.AtomicRenameDir && !c.RenameDir {
		e.Errorf("AtomicRenameDir without RenameDir: %+v", c)
	}
}
