package azblob_test

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

const foreignACL = "user::rwx,user:11111111-2222-3333-4444-555555555555:r-x,group::r-x,mask::r-x,other::---"

// foreignFile is a file that Spark has written.
func foreignFile(content []byte) azstub.Blob {
	return azstub.Blob{
		Content: content, Origin: azstub.OriginDFS, Owner: "spark", Group: "analysts", ACL: foreignACL,
		Metadata: map[string]string{"Customer": "x"},
	}
}

// TestForeignFilesOnLake: files for which the service accepts no blocks are read, replaced,
// appended to and resumed like all others. The temporary files that this needs are never visible
// and do not stay.
func TestForeignFilesOnLake(t *testing.T) {
	old, large := []byte("made by Spark"), random(5*suiteBlock+7)
	put := func(mode vfs.Mode, offset int, content []byte) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := store(ctx, b, "/dir/file", vfs.CreateOptions{Mode: mode, Offset: int64(offset)}, bytes.NewReader(content))
			return err
		}
	}
	prepared := func(ctx context.Context, b *azblob.Backend) error {
		_, err := storePrepared(ctx, b, "/dir/file", vfs.CreateOptions{}, bytes.NewReader(large))
		return err
	}
	aborted := func(prepare bool) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			w, err := b.Create(ctx, vfs.MustParse("/dir/file"), vfs.CreateOptions{})
			if err != nil {
				return err
			}
			if _, err := w.Write(large); err != nil {
				return err
			}
			if prepare {
				w.(vfs.Preparer).Prepare(ctx, vfs.CommitOptions{})
			}
			w.Abort()
			return nil
		}
	}
	lost := func(k azstub.Kind) *azstub.Rule {
		return &azstub.Rule{Kinds: []azstub.Kind{k}, Times: 1, Fault: azstub.LostAnswer()}
	}
	tests := []struct {
		name  string
		do    func(context.Context, *azblob.Backend) error
		rule  *azstub.Rule
		want  []byte
		kind  vfs.Kind
		keeps bool // owner, group and ACL
	}{
		{name: "replaced, one block", do: put(vfs.ModeReplace, 0, []byte("new")), want: []byte("new")},
		{name: "replaced, blocks", do: put(vfs.ModeReplace, 0, large), want: large, keeps: true},
		{name: "replaced, prepared", do: prepared, want: large, keeps: true},
		{name: "replaced, answer of the list lost", do: put(vfs.ModeReplace, 0, large), rule: lost(azstub.PutBlockList), want: large, keeps: true},
		{name: "replaced, answer of the rename lost", do: put(vfs.ModeReplace, 0, large), rule: lost(azstub.RenamePath), want: large, keeps: true},
		{name: "appended", do: put(vfs.ModeAppend, 0, []byte("new")), want: slices.Concat(old, []byte("new")), keeps: true},
		{name: "resumed", do: put(vfs.ModeResume, len(old), large), want: slices.Concat(old, large), keeps: true},
		{name: "resumed elsewhere", do: put(vfs.ModeResume, 1, large), want: old, kind: vfs.KindOffset, keeps: true},
		{name: "exclusive", do: put(vfs.ModeExclusive, 0, large), want: old, kind: vfs.KindExist, keeps: true},
		{name: "aborted", do: aborted(false), want: old, keeps: true},
		{name: "aborted, prepared", do: aborted(true), want: old, keeps: true},
		{
			name: "rename refused", do: put(vfs.ModeReplace, 0, large), want: old, kind: vfs.KindLocked, keeps: true,
			rule: &azstub.Rule{Kinds: []azstub.Kind{azstub.RenamePath}, Fault: azstub.Fail(azstub.BeforeBody(), 412, "LeaseIdMissing")},
		},
		{
			name: "access cannot be set", do: put(vfs.ModeReplace, 0, large), want: large,
			rule: &azstub.Rule{Kinds: []azstub.Kind{azstub.SetOwner}, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationPermissionMismatch")},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{HNS: true})
			b := openLake(t, s, small())
			place(t, s, map[string]azstub.Blob{"dir/file": foreignFile(old)})
			wantLoad(t, b, "/dir/file", string(old))
			if test.rule != nil {
				s.AddRule(*test.rule)
			}
			if err := test.do(t.Context(), b); test.kind != 0 {
				wantKind(t, err, test.kind)
			} else if err != nil {
				t.Fatal(err)
			}
			wantContent(t, s, "dir/file", test.want)
			got, _ := s.Blob(testContainer, "dir/file")
			if kept := got.Owner == "spark" && got.Group == "analysts" && got.ACL == foreignACL; kept != test.keeps {
				t.Errorf("owner %s, group %s, ACL %s; kept must be %v", got.Owner, got.Group, got.ACL, test.keeps)
			}
			if got := s.Names(testContainer); !slices.Equal(got, []string{"dir/file"}) {
				t.Errorf("files %q are left", got)
			}
			if got := names(t, b, "/"); !slices.Equal(got, []string{"dir/"}) {
				t.Errorf("clients see %q", got)
			}
		})
	}
}

// TestForeignFileChanges: if another program changes the file during the upload, an append fails
// with KindConflict, and a STOR replaces the file.
func TestForeignFileChanges(t *testing.T) {
	for mode, want := range map[vfs.Mode]vfs.Kind{vfs.ModeAppend: vfs.KindConflict, vfs.ModeReplace: 0} {
		s := azstub.Start(t, azstub.Options{HNS: true})
		b := openLake(t, s, small())
		place(t, s, map[string]azstub.Blob{"file": foreignFile([]byte("old"))})
		w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{Mode: mode})
		if err != nil {
			t.Fatal(err)
		}
		content := random(3 * suiteBlock)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		place(t, s, map[string]azstub.Blob{"file": foreignFile([]byte("newer"))})
		_, err = w.Commit(t.Context(), vfs.CommitOptions{})
		if want != 0 {
			wantKind(t, err, want)
			content = []byte("newer")
		} else if err != nil {
			t.Fatal(err)
		}
		wantContent(t, s, "file", content)
		if got := s.Names(testContainer); !slices.Equal(got, []string{"file"}) {
			t.Errorf("files %q are left", got)
		}
	}
}

// TestKeepACL: with KeepACL a file that is replaced or appended to keeps owner, group and ACL;
// without, it gets those of a new file.
func TestKeepACL(t *testing.T) {
	for _, keep := range []bool{false, true} {
		s := azstub.Start(t, azstub.Options{HNS: true})
		o := small()
		o.Hierarchical.KeepACL = keep
		b := vfstest.OneRequest(openLake(t, s, o))
		file := foreignFile([]byte("old"))
		file.Origin = azstub.OriginBlob
		for name, size := range map[string]int{"small": 10, "large": 3 * suiteBlock} {
			for _, mode := range []vfs.Mode{vfs.ModeReplace, vfs.ModeAppend} {
				place(t, s, map[string]azstub.Blob{name: file})
				// Twice, since the second time the process knows the version.
				for range 2 {
					info, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{Mode: mode}, bytes.NewReader(random(size)))
					if err != nil {
						t.Fatal(err)
					}
					stat, err := b.Stat(t.Context(), vfs.MustParse("/"+name), vfs.TypeFile)
					if err != nil || stat.Version != info.Version {
						t.Errorf("%s: version %q, %v, want %q", name, stat.Version, err, info.Version)
					}
				}
				got, _ := s.Blob(testContainer, name)
				if kept := got.Owner == "spark" && got.Group == "analysts" && got.ACL == foreignACL; kept != keep {
					t.Errorf("%s, mode %v: owner %s, group %s, ACL %s; kept must be %v", name, mode, got.Owner, got.Group, got.ACL, keep)
				}
			}
		}
	}
}

// TestKeepACLOfContributor: a gateway that may not set owners keeps the ACL, and asks once.
func TestKeepACLOfContributor(t *testing.T) {
	s := azstub.Start(t, azstub.Options{HNS: true, Deny: azstub.DataContributor()})
	o := small()
	o.Hierarchical.KeepACL = true
	b := openLake(t, s, o)
	file := foreignFile([]byte("old"))
	place(t, s, map[string]azstub.Blob{"small": file, "large": file})
	for name, size := range map[string]int{"small": 10, "large": 3 * suiteBlock} {
		if _, err := store(t.Context(), b, "/"+name, vfs.CreateOptions{}, bytes.NewReader(random(size))); err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Blob(testContainer, name); got.ACL != foreignACL || got.Owner == "spark" {
			t.Errorf("%s: owner %s, ACL %s", name, got.Owner, got.ACL)
		}
	}
	if c := s.Counts(); c.Of(azstub.SetOwner) != 1 || c.Of(azstub.SetAccess) != 2 {
		t.Errorf("requests: %v", c)
	}
}

// TestSweep: temporary files are removed a week after the process that made them has died,
// and no earlier; nobody sees them, and nobody can use their names.
func TestSweep(t *testing.T) {
	s := azstub.Start(t, azstub.Options{HNS: true})
	b := openLake(t, s, small())
	const dir = ".tidegate-tmp/"
	day := 24 * time.Hour
	place(t, s, map[string]azstub.Blob{
		dir + "old": {Content: []byte("x"), Modified: time.Now().Add(-8 * day)}, dir + "young": {Content: []byte("x"), Modified: time.Now().Add(-6 * day)},
		"old": {Content: []byte("x"), Modified: time.Now().Add(-8 * day)}, ".tidegate-tmp2/old": {Content: []byte("x"), Modified: time.Now().Add(-8 * day)},
	})
	if got := names(t, b, "/"); !slices.Equal(got, []string{".tidegate-tmp2/", "old"}) {
		t.Errorf("clients see %q", got)
	}
	for _, name := range []string{"/.tidegate-tmp", "/.tidegate-tmp/young"} {
		_, err := b.Stat(t.Context(), vfs.MustParse(name), vfs.TypeAny)
		wantKind(t, err, vfs.KindInvalid)
		wantKind(t, b.Rename(t.Context(), vfs.MustParse("/old"), vfs.MustParse(name), vfs.RenameOptions{}), vfs.KindInvalid)
	}
	b.Sweep()
	if err := s.Wait(t.Context(), func(c azstub.Counts) bool { return c.Of(azstub.DeleteBlob) == 1 }); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{".tidegate-tmp/young", ".tidegate-tmp2/old", "old"}
	if diff := cmp.Diff(s.Names(testContainer), want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}
