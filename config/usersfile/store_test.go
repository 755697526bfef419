package usersfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// fileWith returns the path of a file with a content.
func fileWith(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "contoso.users")
	if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// An edit changes one line, and keeps comments, the order, the other fields, the ends of
// lines and wrong lines.
func TestEditKeepsTheRest(t *testing.T) {
	a, b := bcryptHash("a"), bcryptHash("b")
	before := "\ufeff# cameras\r\n" +
		"One : " + a + " : /in : list,write\r\n" +
		"\r\n" +
		"  # the second hall\r\n" +
		"two:!" + a + "\r\n" +
		"a line without meaning\r\n" +
		"three:" + a + ":/three"
	for name, test := range map[string]struct {
		change   func(*File) error
		old, new string
	}{
		"password":             {func(f *File) error { return f.SetPassword("oNE", b, "") }, "One : " + a, "One : " + b},
		"password of disabled": {func(f *File) error { return f.SetPassword("two", b, "") }, "two:!" + a, "two:!" + b},
		"day of the password":  {func(f *File) error { return f.SetPassword("three", b, "2026-11-30") }, "three:" + a + ":/three", "three:" + b + ":/three::2026-11-30"},
		"another day": {func(f *File) error {
			return errors.Join(f.SetPassword("One", b, "2026-01-01"), f.SetDisabled("One", true), f.SetPassword("One", a, "2026-11-30"))
		}, "One : " + a + " : /in : list,write", "One : !" + a + " : /in : list,write:2026-11-30"},
		"day removed": {func(f *File) error {
			return errors.Join(f.SetPassword("two", a, "2026-01-01"), f.SetPassword("two", b, ""))
		}, "two:!" + a, "two:!" + b + ":::"},
		"disable":       {func(f *File) error { return f.SetDisabled("three", true) }, "three:", "three:!"},
		"disable again": {func(f *File) error { return f.SetDisabled("two", true) }, "", ""},
		"enable":        {func(f *File) error { return f.SetDisabled("TWO", false) }, "two:!", "two:"},
		"remove":        {func(f *File) error { return f.Remove("two") }, "two:!" + a + "\r\n", ""},
		"add":           {func(f *File) error { return f.Add(User{Name: "four", Hash: b, Rights: []string{"list"}}) }, "/three", "/three\r\nfour:" + b + "::list"},
		"two changes of one line": {func(f *File) error {
			return errors.Join(f.SetDisabled("One", true), f.SetPassword("One", b, ""), f.SetDisabled("One", false))
		}, "One : " + a, "One : " + b},
		"change after add": {func(f *File) error {
			return errors.Join(f.Add(User{Name: "four", Hash: a}), f.SetDisabled("four", true))
		}, "/three", "/three\r\nfour:!" + a},
	} {
		t.Run(name, func(t *testing.T) {
			path := fileWith(t, before)
			if created, err := Edit(path, false, test.change); err != nil || created {
				t.Fatal(created, err)
			}
			want := strings.Replace(before, test.old, test.new, 1)
			if want != before {
				want += "\r\n"
			}
			if got := content(t, path); got != want {
				t.Errorf("the file is\n%q, want\n%q", got, want)
			}
			info, err := os.Stat(path)
			if err != nil || runtime.GOOS != "windows" && info.Mode() != 0o640 {
				t.Errorf("the mode is %v, %v", info.Mode(), err)
			}
			if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || runtime.GOOS != "windows" && len(entries) != 1 {
				t.Errorf("the directory has %v, %v", entries, err)
			}
		})
	}
}

// What cannot be done leaves the file as it is.
func TestEditRefuses(t *testing.T) {
	const before = "one:!\n"
	for name, test := range map[string]struct {
		change func(*File) error
		want   error
	}{
		"unknown user":       {func(f *File) error { return f.SetPassword("two", "x", "") }, ErrUnknown},
		"unknown to remove":  {func(f *File) error { return f.Remove("two") }, ErrUnknown},
		"unknown to disable": {func(f *File) error { return f.SetDisabled("two", true) }, ErrUnknown},
		"known in other case": {
			func(f *File) error { return f.Add(User{Name: "ONE"}) },
			ErrExists,
		},
	} {
		path := fileWith(t, before)
		if _, err := Edit(path, false, test.change); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
		if got := content(t, path); got != before {
			t.Errorf("%s: the file is %q", name, got)
		}
	}
	for _, u := range []User{{Name: "a:b"}, {Name: "#a"}, {Name: ""}, {Name: "a\nb"}, {Name: "a", Home: "/x:y"}, {Name: "a", Home: "x"}, {Name: "a", Rights: []string{"lsit"}}} {
		path := fileWith(t, before)
		if _, err := Edit(path, false, func(f *File) error { return f.Add(u) }); err == nil || content(t, path) != before {
			t.Errorf("%+v is added: %v, %q", u, err, content(t, path))
		}
	}
	missing := filepath.Join(t.TempDir(), "x")
	if _, err := Edit(missing, false, func(*File) error { return nil }); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Edit(missing, true, func(f *File) error { return f.Remove("u") }); !errors.Is(err, ErrUnknown) {
		t.Errorf("a failed edit of a new file: %v", err)
	}
	if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a failed edit leaves a new file: %v", err)
	}
	if _, err := Edit(t.TempDir(), true, func(*File) error { return nil }); err == nil {
		t.Error("a directory is edited")
	}
}

// A link to the file stays, as Kubernetes and configuration management use them.
func TestEditFollowsLinks(t *testing.T) {
	path := fileWith(t, "one:!\n")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Skip("no links here:", err)
	}
	if _, err := Edit(link, true, func(f *File) error { return f.Add(User{Name: "two"}) }); err != nil {
		t.Fatal(err)
	}
	if got := content(t, path); got != "one:!\ntwo:\n" {
		t.Errorf("the file is %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info, err)
	}
}

// Concurrent edits, the first of which creates the file, lose nothing, and a reader sees
// only whole files.
func TestConcurrentEdits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "contoso.users")
	const editors, users = 8, 10
	done := make(chan struct{})
	var reading sync.WaitGroup
	reading.Go(func() {
		seen := 0
		for {
			select {
			case <-done:
				return
			default:
			}
			f, problems, err := ReadFile(path)
			switch {
			case errors.Is(err, fs.ErrNotExist):
			case err != nil || len(problems) > 0:
				t.Error(err, problems)
			case len(f.Users()) < seen:
				t.Errorf("the file has %d users after %d", len(f.Users()), seen)
			default:
				seen = len(f.Users())
			}
		}
	})
	var editing sync.WaitGroup
	for e := range editors {
		editing.Go(func() {
			for u := range users {
				name := fmt.Sprintf("user-%d-%d", e, u)
				_, err := Edit(path, true, func(f *File) error { return f.Add(User{Name: name, Hash: bcryptHash("a")}) })
				if err == nil {
					_, err = Edit(path, false, func(f *File) error { return f.SetDisabled(name, true) })
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	editing.Wait()
	close(done)
	reading.Wait()
	f, problems, err := ReadFile(path)
	if err != nil || len(problems) > 0 || len(f.Users()) != editors*users {
		t.Fatalf("%d users, %v, %v, want %d", len(f.Users()), problems, err, editors*users)
	}
	for _, u := range f.Users() {
		if !u.Disabled {
			t.Errorf("%s was disabled", u.Name)
		}
	}
}
