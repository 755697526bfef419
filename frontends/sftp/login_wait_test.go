package sftp

import (
	"context"
	"fmt"
	"testing"

	"github.com/tidegate/tidegate/internal/auth"
)

// The end of the wait for a decision about a login is no refusal, and a refusal is one also when
// the client has left meanwhile.
func TestEndOfTheWaitIsNoRefusal(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := &conn{loggingIn: ctx}
	if c.endedWaiting(nil) || c.endedWaiting(context.Canceled) || c.endedWaiting(auth.ErrDenied) {
		t.Error("the wait has ended while the client is there")
	}
	cancel()
	if err := fmt.Errorf("hashes: %w", context.Canceled); !c.endedWaiting(err) {
		t.Errorf("%v is a refusal", err)
	}
	if c.endedWaiting(nil) || c.endedWaiting(auth.ErrDenied) {
		t.Error("a decision counts as the end of the wait")
	}
}
