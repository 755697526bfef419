package observe_test

import (
	"testing"

	"github.com/tidegate/tidegate/internal/observe"
)

// The last refusals are kept, and nothing else.
func TestRecent(t *testing.T) {
	r := observe.NewRecent(3)
	for i, name := range []observe.Name{
		observe.LoginRefused, observe.SessionStarted, observe.UploadAborted, observe.OperationFinished,
		observe.LimitReached, observe.SessionRefused, observe.LoginNotDecided, observe.SessionEnded,
	} {
		r.Record(t.Context(), observe.Event{Name: name, Bytes: int64(i)})
	}
	var got []int64
	for _, e := range r.Events() {
		got = append(got, e.Bytes)
	}
	if len(got) != 3 || got[0] != 6 || got[1] != 5 || got[2] != 4 {
		t.Errorf("the events %v are kept, want 6, 5, 4", got)
	}
}
