package sftp

import "testing"

// The modes of an upload change as the diagram of the package has it: what has
// failed stays so, everything may fail, and nothing becomes undecided again.
func TestModes(t *testing.T) {
	reached := map[mode]bool{undecided: true}
	for from := undecided; from <= failed; from++ {
		if got := from.mayBecome(failed); got != (from != failed) {
			t.Errorf("%v to failed: %v", from, got)
		}
		for to := undecided; to <= failed; to++ {
			if !from.mayBecome(to) {
				continue
			}
			reached[to] = true
			if to == undecided || from == failed || to == from {
				t.Errorf("%v may become %v", from, to)
			}
			if from.decided() && !to.decided() && to != failed {
				t.Errorf("%v forgets what offsets mean as %v", from, to)
			}
		}
	}
	for m := undecided; m <= failed; m++ {
		if !reached[m] {
			t.Errorf("nothing becomes %v", m)
		}
	}
}

// A transition that is none is found at once.
func TestWrongTransition(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an upload that has failed continues")
		}
	}()
	u := &upload{}
	u.enter(failed)
	u.enter(stored)
}
