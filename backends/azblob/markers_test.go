package azblob_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

func emptyMarker() azstub.Blob {
	return azstub.Blob{Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}}
}

// dirForms are all the ways in which a directory can be in a container.
func dirForms() map[string]map[string]azstub.Blob {
	file := azstub.Blob{Content: []byte("below")}
	capital := azstub.Blob{Content: []byte{}, Metadata: map[string]string{"Hdi_isfolder": "True"}}
	return map[string]map[string]azstub.Blob{
		"hdi":                    {"dir": emptyMarker()},
		"hdi in capitals":        {"dir": capital},
		"slash":                  {"dir/": emptyMarker()},
		"slash without metadata": {"dir/": {Content: []byte{}}},
		"both":                   {"dir": emptyMarker(), "dir/": emptyMarker()},
		"implied":                {"dir/file": file},
		"hdi and a file":         {"dir": emptyMarker(), "dir/file": file},
		"slash and a file":       {"dir/": emptyMarker(), "dir/file": file},
		"both and a file":        {"dir": emptyMarker(), "dir/": emptyMarker(), "dir/file": file},
		"implied by a directory": {"dir/sub": emptyMarker()},
		"far behind others": {
			"dir!": file, "dir\"": file, "dir#": file, "dir$": file, "dir%": file, "dir&": file, "dir'": file, "dir(": file, "dir)": file,
			"dir*": file, "dir+": file, "dir,": file, "dir-": file, "dir-1": file, "dir-2": file, "dir-3": file, "dir-4": file, "dir/": emptyMarker(),
		},
	}
}

// TestDirectoryForms: whatever form a directory has, and whatever form is made here, no
// operation on a file takes its name, and nothing is changed by the refusal.
func TestDirectoryForms(t *testing.T) {
	put := func(mode vfs.Mode, size int) func(*testing.T, *azblob.Backend) error {
		return func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			_, err := store(t.Context(), b, "/dir", vfs.CreateOptions{Mode: mode}, strings.NewReader(strings.Repeat("x", size)))
			return err
		}
	}
	operations := []struct {
		name string
		do   func(*testing.T, *azblob.Backend) error
		// beside: the operation makes a file where the store has no blob of that
		// name, and nothing is lost by that.
		beside bool
		kinds  []vfs.Kind
	}{
		{"STOR", put(vfs.ModeReplace, 1), true, []vfs.Kind{vfs.KindIsDir}},
		{"STOR of nothing", put(vfs.ModeReplace, 0), true, []vfs.Kind{vfs.KindIsDir}},
		{"STOR of blocks", put(vfs.ModeReplace, 3*suiteBlock), true, []vfs.Kind{vfs.KindIsDir}},
		{"STOU", put(vfs.ModeExclusive, 1), true, []vfs.Kind{vfs.KindIsDir, vfs.KindExist}},
		{"APPE", put(vfs.ModeAppend, 1), true, []vfs.Kind{vfs.KindIsDir}},
		{"REST", put(vfs.ModeResume, 1), false, []vfs.Kind{vfs.KindIsDir, vfs.KindOffset}},
		{"DELE", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			return b.Remove(t.Context(), vfs.MustParse("/dir"), vfs.TypeFile)
		}, false, []vfs.Kind{vfs.KindIsDir}},
		{"RNTO", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			return b.Rename(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/dir"), vfs.RenameOptions{})
		}, false, []vfs.Kind{vfs.KindIsDir}},
		{"RNTO without replacing", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			return b.Rename(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/dir"), vfs.RenameOptions{NoReplace: true})
		}, false, []vfs.Kind{vfs.KindIsDir}},
		{"RNTO of a directory", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			return b.Rename(t.Context(), vfs.MustParse("/other"), vfs.MustParse("/dir"), vfs.RenameOptions{})
		}, false, []vfs.Kind{vfs.KindExist}},
		{"copy", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			_, err := b.Copy(t.Context(), vfs.MustParse("/file"), vfs.MustParse("/dir"), vfs.CopyOptions{})
			return err
		}, false, []vfs.Kind{vfs.KindIsDir}},
		{"MKD over a file", func(t *testing.T, b *azblob.Backend) error {
			t.Helper()
			return b.Mkdir(t.Context(), vfs.MustParse("/file"))
		}, false, []vfs.Kind{vfs.KindExist}},
	}
	eachMarkers(t, func(t *testing.T, m azblob.Markers) {
		for form, blobs := range dirForms() {
			for _, op := range operations {
				t.Run(form+"/"+op.name, func(t *testing.T) {
					t.Parallel()
					s, o := azstub.Start(t, azstub.Options{}), small()
					o.Markers = m
					b := openStub(t, s, o)
					place(t, s, blobs)
					place(t, s, map[string]azstub.Blob{"file": {Content: []byte("content")}, "other": emptyMarker(), "other/file": {Content: []byte("other")}})
					before := contents(t, s)
					err := op.do(t, b)
					_, marked := blobs["dir"]
					if !marked && op.beside {
						if err != nil {
							t.Fatalf("beside the directory: %v", err)
						}
						s.Remove(testContainer, "dir")
					} else if err == nil || !slices.Contains(op.kinds, vfs.KindOf(err)) {
						t.Errorf("%v, want %v", err, op.kinds)
					}
					if diff := cmp.Diff(contents(t, s), before); diff != "" {
						t.Errorf("it changed, got -, want +:\n%s", diff)
					}
				})
			}
		}
	})
}

// contents returns all blobs with what they hold and when they changed.
func contents(t *testing.T, s *azstub.Server) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range s.Names(testContainer) {
		blob, _ := s.Blob(testContainer, name)
		all[name] = string(blob.Content) + " " + blob.ETag
	}
	return all
}

// TestDirectoryLife: a directory of any form is shown once, is entered, made anew
// only when nobody made it, keeps a time, is moved whole, and is removed without a
// rest.
func TestDirectoryLife(t *testing.T) {
	eachMarkers(t, func(t *testing.T, m azblob.Markers) {
		for form, blobs := range dirForms() {
			t.Run(form, func(t *testing.T) {
				t.Parallel()
				s, o := azstub.Start(t, azstub.Options{}), small()
				o.Markers = m
				b := openStub(t, s, o)
				place(t, s, blobs)
				dir, moved := vfs.MustParse("/dir"), vfs.MustParse("/moved")
				if got := slices.DeleteFunc(names(t, b, "/"), func(n string) bool { return n != "dir" && n != "dir/" }); len(got) != 1 || got[0] != "dir/" {
					t.Fatalf("listed as %q", got)
				}
				for _, want := range []vfs.Type{vfs.TypeAny, vfs.TypeDir} {
					info, err := b.Stat(t.Context(), dir, want)
					if err != nil || !info.IsDir() || time.Since(info.ModTime).Abs() > time.Hour {
						t.Errorf("Stat(%v) = %+v, %v", want, info, err)
					}
				}
				made := blobs["dir"].Content != nil || blobs["dir/"].Content != nil
				marked := made || m != azblob.MarkersNone
				for range 2 {
					if err := b.Mkdir(t.Context(), dir); made {
						wantKind(t, err, vfs.KindExist)
					} else if err != nil {
						t.Fatal(err)
					}
					made = true
				}
				at := time.Unix(1e9, 5).UTC()
				if err := b.SetModTime(t.Context(), dir, at); !marked {
					wantKind(t, err, vfs.KindIsDir)
				} else if err != nil {
					t.Fatal(err)
				}
				if err := b.Rename(t.Context(), dir, moved, vfs.RenameOptions{}); err != nil {
					t.Fatal(err)
				}
				if info, err := b.Stat(t.Context(), moved, vfs.TypeDir); err != nil || marked && !info.ModTime.Equal(at) {
					t.Errorf("after the rename %+v, %v, want the time %v", info, err, at)
				}
				for _, name := range names(t, b, "/moved") {
					want := vfs.TypeFile
					if strings.HasSuffix(name, "/") {
						want = vfs.TypeDir
					}
					wantKind(t, b.Remove(t.Context(), moved, vfs.TypeDir), vfs.KindNotEmpty)
					if err := b.Remove(t.Context(), vfs.MustParse("/moved/"+name), want); err != nil {
						t.Fatal(err)
					}
				}
				if err := b.Remove(t.Context(), moved, vfs.TypeDir); err != nil {
					t.Fatal(err)
				}
				for _, name := range s.Names(testContainer) {
					if name == "dir" || strings.HasPrefix(name, "dir/") || strings.HasPrefix(name, "moved") {
						t.Errorf("%q is left", name)
					}
				}
				for _, p := range []vfs.Path{dir, moved} {
					_, err := b.Stat(t.Context(), p, vfs.TypeDir)
					wantKind(t, err, vfs.KindNotExist)
					wantKind(t, b.Remove(t.Context(), p, vfs.TypeDir), vfs.KindNotExist)
				}
			})
		}
	})
}

// TestMadeDirs: without markers a directory is there for the process that made it,
// no blob is written, and the number of those that are remembered is bounded.
func TestMadeDirs(t *testing.T) {
	s, o := azstub.Start(t, azstub.Options{}), small()
	o.Markers = azblob.MarkersNone
	b := openStub(t, s, o)
	other := openStub(t, s, o)
	for _, name := range []string{"/a", "/b/c"} {
		if err := b.Mkdir(t.Context(), vfs.MustParse(name)); err != nil {
			t.Fatal(err)
		}
	}
	wantNames(t, b, "/", "a/", "b/")
	wantNames(t, b, "/b", "c/")
	wantNames(t, other, "/")
	if n := s.Names(testContainer); len(n) != 0 {
		t.Errorf("there are blobs: %q", n)
	}
	if _, err := store(t.Context(), other, "/b/c/file", vfs.CreateOptions{}, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	wantNames(t, b, "/b", "c/")
	wantKind(t, b.Remove(t.Context(), vfs.MustParse("/b"), vfs.TypeDir), vfs.KindNotEmpty)
	if err := b.Rename(t.Context(), vfs.MustParse("/b"), vfs.MustParse("/moved"), vfs.RenameOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Remove(t.Context(), vfs.MustParse("/moved/c/file"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	wantNames(t, b, "/", "a/", "moved/")
	for i := range 1000 {
		if err := b.Mkdir(t.Context(), vfs.MustParse(fmt.Sprintf("/many/%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	wantNames(t, b, "/", "many/")
}

// TestMadeDirIsNoFile: without markers, a file cannot replace a directory that this process
// has made, until the directory is removed. The refusal costs no request.
func TestMadeDirIsNoFile(t *testing.T) {
	s, o := azstub.Start(t, azstub.Options{}), small()
	o.Markers = azblob.MarkersNone
	b := openStub(t, s, o)
	if err := b.Mkdir(t.Context(), vfs.MustParse("/dir/below")); err != nil {
		t.Fatal(err)
	}
	before := s.Seq()
	for _, name := range []string{"/dir", "/dir/below"} {
		for _, m := range []vfs.Mode{vfs.ModeReplace, vfs.ModeExclusive, vfs.ModeAppend} {
			_, err := b.Create(t.Context(), vfs.MustParse(name), vfs.CreateOptions{Mode: m})
			wantKind(t, err, vfs.KindIsDir)
		}
	}
	if r := s.Requests(before); len(r) != 0 {
		t.Errorf("requests: %v", r)
	}
	if err := b.Remove(t.Context(), vfs.MustParse("/dir/below"), vfs.TypeDir); err != nil {
		t.Fatal(err)
	}
	if _, err := store(t.Context(), b, "/dir", vfs.CreateOptions{}, strings.NewReader("x")); err != nil {
		t.Error(err)
	}
}

// TestMarkerForm: what Mkdir makes, and what it says where something is.
func TestMarkerForm(t *testing.T) {
	for m, want := range map[azblob.Markers]string{"": "dir", azblob.MarkersHDI: "dir", azblob.MarkersSlash: "dir/"} {
		s, o := azstub.Start(t, azstub.Options{}), small()
		o.Markers = m
		b := openStub(t, s, o)
		if err := b.Mkdir(t.Context(), vfs.MustParse("/dir")); err != nil {
			t.Fatal(err)
		}
		got, there := s.Blob(testContainer, want)
		if n := s.Names(testContainer); len(n) != 1 || !there || got.Size != 0 || got.Metadata["hdi_isfolder"] != "true" {
			t.Errorf("%q: %q, %+v", m, n, got)
		}
	}
}
