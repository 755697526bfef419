package frontendtest

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

func timeTests() []suiteTest {
	return []suiteTest{
		{"time/set", testSetTime},
		{"time/of an upload", testUploadTime},
		{"time/of a directory", testSetDirTime},
	}
}

func testSetTime(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	s.StoreFile("/file", content(1, 10), time.Time{})
	c := s.login()
	if !s.store.Caps().SetModTime {
		s.wantKind(c.SetModTime("/file", aTime), OpSetModTime, vfs.KindUnsupported)
		return
	}
	for _, at := range []time.Time{
		aTime,
		time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 7, 1, 12, 0, 0, 0, time.FixedZone("", 2*60*60)),
	} {
		s.ok(c.SetModTime("/file", at), "set the time")
		e, err := c.Stat("/file")
		if err != nil || !e.ModTime.Equal(at) {
			t.Errorf("stat: %v, %v; want %v", e.ModTime, err, at)
		}
		entries, err := c.List("/")
		if err != nil || len(entries) != 1 || !entries[0].ModTime.Equal(at) {
			t.Errorf("list: %v, %v; want %v", entries, err, at)
		}
	}
	s.WantStored("/file", content(1, 10))
}

// testSetDirTime sets the time of a directory, by each text that can name it.
func testSetDirTime(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	if !s.store.Caps().DirTimes {
		return
	}
	s.storeDir("/dir")
	s.StoreFile("/file", content(1, 10), aTime)
	c := s.login()
	for i, text := range []string{"/dir", "/dir/", "/dir//", "/dir/.", "dir/", "/x/../dir/", "/dir/x/.."} {
		at := aTime.AddDate(0, 0, i+1)
		s.ok(c.SetModTime(text, at), "set the time of "+text)
		if info, err := s.store.Backend.Backend.Stat(s.Context(), vfs.MustParse("/dir"), vfs.TypeDir); err != nil || !info.ModTime.Equal(at) {
			t.Errorf("set the time of %s: the store has %v, %v; want %v", text, info.ModTime, err, at)
		}
	}
	for _, text := range []string{"/file/", "/file//", "/file/.", "/none/", "/file/below", "/file/below/"} {
		if err := c.SetModTime(text, aTime.AddDate(1, 0, 0)); !isRefusal(err) {
			t.Errorf("set the time of %s: %v, want a refusal", text, err)
		}
	}
	if info, err := s.store.Backend.Backend.Stat(s.Context(), vfs.MustParse("/file"), vfs.TypeFile); err != nil || !info.ModTime.Equal(aTime) {
		t.Errorf("after the refusals the file has %v, %v; want %v", info.ModTime, err, aTime)
	}
}

// testUploadTime proves that a file that was given no time has that of its
// upload.
func testUploadTime(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	s.StoreFile("/file", content(1, 10), aTime)
	before := time.Now().Truncate(time.Second)
	s.put(c, "/file", content(2, 10))
	after := time.Now()
	e, err := c.Stat("/file")
	if err != nil {
		t.Fatalf("stat: %v", err)
	}
	if s.store.Caps().TimePrecision > 0 && (e.ModTime.Before(before) || e.ModTime.After(after)) {
		t.Errorf("stat: %v, want between %v and %v", e.ModTime, before, after)
	}
}
