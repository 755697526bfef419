package azblob_test

import (
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestRenameKeepsTime: a file whose time nobody set has under its new name the
// time at which it was written, and one whose time was set has that; alone, onto
// another, and with its directory.
func TestRenameKeepsTime(t *testing.T) {
	written := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
	set := time.Date(2001, 2, 3, 4, 5, 6, 789, time.UTC)
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	marker := emptyMarker()
	marker.Modified = written
	place(t, s, map[string]azstub.Blob{
		"dir": marker, "dir/sub": marker,
		"dir/plain":   {Content: []byte("x"), Modified: written},
		"dir/sub/set": {Content: []byte("x"), Modified: written, Metadata: map[string]string{"mtime": "2001-02-03T04:05:06.000000789Z"}},
		"dir/foreign": {Content: []byte("x"), Modified: written, Metadata: map[string]string{"Owner": "somebody"}},
		"dir/broken":  {Content: []byte("x"), Modified: written, Metadata: map[string]string{"mtime": "yesterday"}},
		"target":      {Content: []byte("old")},
	})
	want := map[string]time.Time{"plain": written, "foreign": written, "broken": written, "sub": written, "sub/set": set}
	check := func(dir string) {
		t.Helper()
		for name, at := range want {
			p := vfs.MustParse(dir + "/" + name)
			info, err := b.Stat(t.Context(), p, vfs.TypeAny)
			if err != nil || !info.ModTime.Equal(at) {
				t.Errorf("%s is of %v, %v, want %v", p, info.ModTime, err, at)
			}
			entries, err := list(t.Context(), b, p.Dir().String())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if e.Name == p.Base() && !e.ModTime.Equal(at) {
					t.Errorf("%s is listed with %v, want %v", p, e.ModTime, at)
				}
			}
		}
	}
	rename := func(from, to string) {
		t.Helper()
		if err := b.Rename(t.Context(), vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	check("/dir")
	rename("/dir", "/moved")
	check("/moved")
	for _, name := range []string{"plain", "foreign", "broken"} {
		rename("/moved/"+name, "/target")
		rename("/target", "/moved/"+name)
	}
	check("/moved")
	if info, err := b.Stat(t.Context(), vfs.MustParse("/moved"), vfs.TypeAny); err != nil || !info.ModTime.Equal(written) {
		t.Errorf("the directory is of %v, %v, want %v", info.ModTime, err, written)
	}
	if got, _ := s.Blob(testContainer, "moved/foreign"); got.Metadata["Owner"] != "somebody" {
		t.Errorf("metadata of others: %v", got.Metadata)
	}
	// What is stored anew has a new time.
	if _, err := store(t.Context(), b, "/moved/plain", vfs.CreateOptions{}, strings.NewReader("new")); err != nil {
		t.Fatal(err)
	}
	info, err := b.Stat(t.Context(), vfs.MustParse("/moved/plain"), vfs.TypeFile)
	if err != nil || time.Since(info.ModTime).Abs() > time.Hour {
		t.Errorf("new content is of %v, %v", info.ModTime, err)
	}
}

// TestKeepsTier: what is moved or copied has the tier that was chosen for it, and
// no tier is chosen where none was. What is not online is not moved.
func TestKeepsTier(t *testing.T) {
	do := map[string]func(b *azblob.Backend, from, to string) error{
		"rename": func(b *azblob.Backend, from, to string) error {
			return b.Rename(t.Context(), vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{})
		},
		"copy": func(b *azblob.Backend, from, to string) error {
			_, err := b.Copy(t.Context(), vfs.MustParse(from), vfs.MustParse(to), vfs.CopyOptions{})
			return err
		},
	}
	for name, f := range do {
		for _, tier := range []string{"", "Hot", "Cool", "Cold"} {
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"from": {Content: []byte("x"), Tier: tier}, "dir/from": {Content: []byte("x"), Tier: tier}})
			if err := f(b, "/from", "/to"); err != nil {
				t.Fatal(err)
			}
			if got, _ := s.Blob(testContainer, "to"); got.Tier != tier {
				t.Errorf("%s: the tier is %q, want %q", name, got.Tier, tier)
			}
			if name == "copy" {
				continue
			}
			if err := f(b, "/dir", "/moved"); err != nil {
				t.Fatal(err)
			}
			if got, _ := s.Blob(testContainer, "moved/from"); got.Tier != tier {
				t.Errorf("%s of a directory: the tier is %q, want %q", name, got.Tier, tier)
			}
		}
		s := azstub.Start(t, azstub.Options{})
		b := openStub(t, s, small())
		place(t, s, map[string]azstub.Blob{"from": {Content: []byte("x"), Tier: "Archive"}})
		before := contents(t, s)
		wantKind(t, f(b, "/from", "/to"), vfs.KindLocked)
		if diff := cmp.Diff(contents(t, s), before); diff != "" {
			t.Errorf("%s of what is archived changed, got -, want +:\n%s", name, diff)
		}
	}
}

// TestRenameOfProtected: what cannot be deleted is not renamed, alone or with its
// directory, and nothing is changed by the refusal, also where the service tells
// only when it is asked to delete.
func TestRenameOfProtected(t *testing.T) {
	const immutable = "file is protected by an immutability policy"
	for name, test := range map[string]struct {
		blob   azstub.Blob
		lease  bool
		reason string
		told   bool // before anything is copied
	}{
		"legal hold": {blob: azstub.Blob{Content: []byte("x"), LegalHold: true}, reason: immutable, told: true},
		"policy":     {blob: azstub.Blob{Content: []byte("x"), Immutable: true}, reason: immutable},
		"lease":      {blob: azstub.Blob{Content: []byte("x")}, lease: true, reason: "file is leased", told: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"dir": emptyMarker(), "dir/other": {Content: []byte("other")}, "dir/file": test.blob, "target": {Content: []byte("old")}})
			if test.lease {
				client := sdk(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+testContainer)
				l, err := lease.NewBlobClient(client.NewBlobClient("dir/file"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := l.AcquireLease(t.Context(), -1, nil); err != nil {
					t.Fatal(err)
				}
			}
			before := contents(t, s)
			renames := map[string]string{"/dir/file": "/new"}
			if test.told {
				renames["/dir/file "] = "/target"
				renames["/dir"] = "/moved"
			}
			for from, to := range renames {
				err := b.Rename(t.Context(), vfs.MustParse(strings.TrimSpace(from)), vfs.MustParse(to), vfs.RenameOptions{})
				wantKind(t, err, vfs.KindLocked)
				if got := vfs.ReasonOf(err); got != test.reason {
					t.Errorf("reason %q, want %q", got, test.reason)
				}
				if diff := cmp.Diff(contents(t, s), before); diff != "" {
					t.Errorf("%s to %s changed, got -, want +:\n%s", from, to, diff)
				}
			}
		})
	}
}

// TestDirectoryTimes: no directory is without a time. One without a marker has
// that of the newest blob which was seen along the way.
func TestDirectoryTimes(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2020, 1, day, 0, 0, 0, 0, time.UTC) }
	file := func(day int) azstub.Blob { return azstub.Blob{Content: []byte("x"), Modified: at(day)} }
	marker, timed := emptyMarker(), emptyMarker()
	marker.Modified, timed.Modified = at(1), at(1)
	timed.Metadata["mtime"] = at(2).Format(time.RFC3339Nano)
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	place(t, s, map[string]azstub.Blob{
		"marked": marker, "timed": timed, "timed/file": file(9), "slash/": timed, "slash/file": file(9),
		"implied/a": file(3), "implied/b": file(5), "implied/c": file(4), "newest": file(7),
	})
	listed := map[string]time.Time{"marked": at(1), "timed": at(2), "slash": at(7), "implied": at(7)}
	entries, err := list(t.Context(), b, "/")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if want := listed[e.Name]; e.IsDir() && !e.ModTime.Equal(want) {
			t.Errorf("List: %s is of %v, want %v", e.Name, e.ModTime, want)
		}
	}
	for name, want := range map[string]time.Time{"marked": at(1), "timed": at(2), "slash": at(2), "implied": at(5)} {
		for _, typ := range []vfs.Type{vfs.TypeAny, vfs.TypeDir} {
			if info, err := b.Stat(t.Context(), vfs.MustParse("/"+name), typ); err != nil || !info.ModTime.Equal(want) {
				t.Errorf("Stat(%v): %s is of %v, %v, want %v", typ, name, info.ModTime, err, want)
			}
		}
	}
}
