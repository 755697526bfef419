package azblob

import (
	"testing"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// TestEarlyBlocksAreSentWhileThereIsRoom shows that a block can be sent early as long as
// the queue says so. The pool waits for the memory of a block that may be sent: with
// thousands of uploads of one user, it would wait for ever for one that is not.
func TestEarlyBlocksAreSentWhileThereIsRoom(t *testing.T) {
	s := newSending(fairshare.New(), "a")
	for i := range maxSending {
		if s.Full() {
			t.Fatalf("it is full with %d bodies", i)
		}
		if _, ok := s.tryTake(); !ok {
			t.Fatalf("body %d is refused, and it is not full", i)
		}
	}
	if _, ok := s.tryTake(); ok || !s.Full() {
		t.Errorf("after %d bodies: full %v, another one is taken: %v", maxSending, s.Full(), ok)
	}
}
