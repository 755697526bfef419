package azblob_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// TestLateAttempts proves P1 against a service that carries an attempt out long
// after it was cancelled: what was answered with success afterwards stays.
func TestLateAttempts(t *testing.T) {
	first, second := []byte("first"), []byte("second")
	put := func(name string, mode vfs.Mode, content []byte) func(*testing.T, *azblob.Backend) {
		return func(t *testing.T, b *azblob.Backend) {
			t.Helper()
			if _, err := store(t.Context(), b, name, vfs.CreateOptions{Mode: mode}, bytes.NewReader(content)); err != nil {
				t.Error(err)
			}
		}
	}
	rename := func(t *testing.T, b *azblob.Backend) {
		t.Helper()
		if err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/file"), vfs.RenameOptions{}); err != nil {
			t.Error(err)
		}
	}
	copyFile := func(t *testing.T, b *azblob.Backend) {
		t.Helper()
		if _, err := b.Copy(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/file"), vfs.CopyOptions{}); err != nil {
			t.Error(err)
		}
	}
	remove := func(t *testing.T, b *azblob.Backend) {
		t.Helper()
		if err := b.Remove(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
			t.Error(err)
		}
	}
	many, others := random(3*suiteBlock), random(2*suiteBlock)
	tests := []struct {
		name   string
		late   azstub.Kind
		before func(*testing.T, *azblob.Backend) // its first attempt is late
		after  func(*testing.T, *azblob.Backend)
		want   []byte
	}{
		{"Put Blob, then Put Blob", azstub.PutBlob, put("/file", vfs.ModeReplace, first), put("/file", vfs.ModeReplace, second), second},
		{"Put Blob, then blocks", azstub.PutBlob, put("/file", vfs.ModeReplace, first), put("/file", vfs.ModeReplace, many), many},
		{"Put Blob, then appending", azstub.PutBlob, put("/file", vfs.ModeReplace, first), put("/file", vfs.ModeAppend, second), []byte("firstsecond")},
		{"exclusive, then Put Blob", azstub.PutBlob, put("/file", vfs.ModeExclusive, first), put("/file", vfs.ModeReplace, second), second},
		{"Put Block List, then Put Blob", azstub.PutBlockList, put("/file", vfs.ModeReplace, many), put("/file", vfs.ModeReplace, second), second},
		{"Put Block List, then blocks", azstub.PutBlockList, put("/file", vfs.ModeReplace, many), put("/file", vfs.ModeReplace, others), others},
		// All of the old list's blocks are in the blob when it comes again.
		{
			"Put Block List, then appending", azstub.PutBlockList, put("/file", vfs.ModeReplace, many), put("/file", vfs.ModeAppend, second),
			append(bytes.Clone(many), second...),
		},
		{"Put Block, then Put Blob", azstub.PutBlock, put("/file", vfs.ModeReplace, many), put("/file", vfs.ModeReplace, second), second},
		{"Put Block, then blocks", azstub.PutBlock, put("/file", vfs.ModeReplace, many), put("/file", vfs.ModeReplace, others), others},
		{"copy, then Put Blob", azstub.CopyBlob, copyFile, put("/file", vfs.ModeReplace, second), second},
		{"copy of a rename, then Put Blob", azstub.CopyBlob, rename, put("/file", vfs.ModeReplace, second), second},
		{"deletion, then Put Blob", azstub.DeleteBlob, remove, put("/file", vfs.ModeReplace, second), second},
	}
	for i, test := range append(tests, tests...) {
		// The clocks of the service's machines are not quite the same.
		name, skew := test.name, time.Duration(0)
		if i >= len(tests) {
			name, skew = name+", clocks differ", 1500*time.Millisecond
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{Skew: skew})
			o := small()
			retry := *quick()
			// All but the first attempt must be answered in time.
			retry.TryTimeout = patience.Limit() / 200
			o.Retry = &retry
			b := openStub(t, s, o)
			place(t, s, map[string]azstub.Blob{"from": {Content: []byte("moved")}})
			if test.late == azstub.DeleteBlob {
				place(t, s, map[string]azstub.Blob{"file": {Content: first}})
			}
			seq := s.Seq()
			now := make(chan struct{})
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{test.late}, Times: 1, Fault: azstub.Late(now)})
			test.before(t, b)
			test.after(t, b)
			wantContent(t, s, "file", test.want)
			close(now)
			if err := s.Idle(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, r := range s.Requests(seq) {
				if r.Kind == test.late {
					if r.Code == "" && test.late != azstub.PutBlock {
						t.Errorf("the late %v was not refused", test.late)
					}
					break
				}
			}
			wantContent(t, s, "file", test.want)
		})
	}
}

// TestWrongClock: a clock that is wrong, at the service or on the way to it,
// costs requests and no file. (It is the clock of another service that
// answers with a Date an hour old.)
func TestWrongClock(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	o := small()
	o.Transport = slowClock{http.DefaultTransport.(*http.Transport).Clone()}
	b := openStub(t, s, o)
	place(t, s, map[string]azstub.Blob{"file": {Content: []byte("old")}, "from": {Content: []byte("moved")}})
	// The clock is known from the first answer on.
	if _, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	for _, content := range [][]byte{[]byte("new"), random(3 * suiteBlock)} {
		if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		wantContent(t, s, "file", content)
	}
	if err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/file"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	wantContent(t, s, "file", []byte("moved"))
	if err := b.Remove(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	if names := s.Names(testContainer); len(names) != 0 {
		t.Errorf("there are %q", names)
	}
}

type slowClock struct{ *http.Transport }

func (c slowClock) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.Transport.RoundTrip(req)
	if err == nil {
		resp.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}
	return resp, err
}

// TestServiceTimeout: the service is asked to give up when we do.
func TestServiceTimeout(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	o, retry := small(), *quick()
	retry.TryTimeout = time.Minute
	o.Retry = &retry
	b := openStub(t, s, o)
	var got []string
	s.AddRule(azstub.Rule{Match: func(r *azstub.Request) bool {
		got = append(got, r.Kind.String()+" "+r.Query.Get("timeout"))
		return false
	}})
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, zeros(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Stat(t.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != "PutBlob 60" || got[1] != "HeadBlob " {
		t.Errorf("time-outs: %q", got)
	}
}
