package observe_test

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// The end of a session whose client could not log in is kept, unless the reason is already.
func TestRecentEnds(t *testing.T) {
	r := observe.NewRecent(10)
	s := session.New("ftp", "ftp.public", netip.MustParseAddrPort("192.0.2.1:4711"))
	failure := observe.Failure{Cause: "certificate_not_trusted", Setting: "tls.cert_file"}
	r.Record(t.Context(), observe.Event{Name: observe.SessionEnded, Session: s})
	r.Record(t.Context(), observe.Event{Name: observe.SessionEnded, Session: s, User: session.User{Tenant: "acme", Name: "u"}, Failure: failure})
	if kept := r.Events(); len(kept) > 0 {
		t.Errorf("%+v", kept)
	}
	for range 2 {
		r.Record(t.Context(), observe.Event{Name: observe.SessionEnded, Session: s, Failure: failure})
	}
	if kept := r.Events(); len(kept) != 1 || kept[0].Setting != "tls.cert_file" {
		t.Errorf("%+v", kept)
	}
}

// A failed operation is kept when a setting or the store is the cause.
func TestRecentOperations(t *testing.T) {
	decided := vfs.NewError(vfs.KindPermission, &vfs.SettingError{Setting: "allow", Err: errors.New("user lacks the right write (allow)")})
	for name, test := range map[string]struct {
		event observe.Event
		kept  bool
	}{
		"success":            {observe.Event{Op: "write"}, false},
		"without a right":    {observe.Event{Op: "write", Failure: observe.Failure{Err: decided, Setting: "allow"}}, true},
		"a look":             {observe.Event{Op: "stat", Failure: observe.Failure{Err: decided, Setting: "allow"}}, false},
		"refused by Azure":   {observe.Event{Op: "list", Failure: observe.Failure{Err: vfs.NewError(vfs.KindPermission, nil)}}, true},
		"store is away":      {observe.Event{Op: "write", Failure: observe.Failure{Err: vfs.NewError(vfs.KindUnavailable, nil)}}, true},
		"an aborted upload":  {observe.Event{Op: "write", Bytes: 1, Failure: observe.Failure{Err: vfs.NewError(vfs.KindUnavailable, nil)}}, false},
		"no data connection": {observe.Event{Op: "list", Failure: observe.Failure{Err: vfs.NewError(vfs.KindCanceled, nil), Setting: "passive.host"}}, true},
		"of an upload":       {observe.Event{Op: "write", Failure: observe.Failure{Err: vfs.NewError(vfs.KindCanceled, nil), Setting: "passive.host"}}, false},
		"not there":          {observe.Event{Op: "read", Failure: observe.Failure{Err: vfs.NewError(vfs.KindNotExist, nil)}}, false},
		"a limit":            {observe.Event{Op: "write", Failure: observe.Failure{Err: vfs.NewError(vfs.KindBusy, nil), Setting: "limits.uploads"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := observe.NewRecent(1)
			test.event.Name = observe.OperationFinished
			r.Record(t.Context(), test.event)
			if kept := len(r.Events()) == 1; kept != test.kept {
				t.Errorf("kept: %v", kept)
			}
		})
	}
}

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
