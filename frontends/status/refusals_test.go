package status

import (
	"errors"
	"testing"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/vfs"
)

// A refusal says what was refused, whatever the text of its error begins with.
func TestRefusals(t *testing.T) {
	recent := observe.NewRecent(1)
	s := &Server{env: frontends.Env{Observe: observe.Shared{Recent: recent}}}
	cause := &vfs.SettingError{Setting: "passive.host", Err: errors.New("no connection")}
	for name, test := range map[string]struct {
		event observe.Event
		want  string
	}{
		"an operation":         {observe.Event{Name: observe.OperationFinished, Op: "list", Path: "/a", Failure: observe.Failure{Setting: "allow", Err: errors.New("list /a: permission denied")}}, "list /a: permission denied"},
		"without what it does": {observe.Event{Name: observe.OperationFinished, Op: "list", Path: "/a", Failure: observe.Failure{Setting: "passive.host", Err: vfs.NewError(vfs.KindCanceled, cause)}}, "list /a: aborted: no connection"},
		"a command":            {observe.Event{Name: observe.CommandRefused, Op: "CWD", Path: "b", Reason: "550 No"}, "CWD b: 550 No"},
		"a handshake":          {observe.Event{Name: observe.SessionEnded, Reason: "TLS handshake failed", Failure: observe.Failure{Cause: "not_ftp"}}, "TLS handshake failed: not_ftp"},
	} {
		recent.Record(t.Context(), test.event)
		if all := s.refusals(); len(all) != 1 || all[0].Reason != test.want {
			t.Errorf("%s: %+v, want %q", name, all, test.want)
		}
	}
}
