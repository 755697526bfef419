package azblob_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// lake is what an account with a hierarchical namespace has: files with their content, and
// directories with a slash.
func lake(s *azstub.Server) map[string]string {
	all := map[string]string{}
	for _, name := range s.Names(testContainer) {
		blob, _ := s.Blob(testContainer, name)
		all[name] = string(blob.Content)
	}
	for _, name := range s.Directories(testContainer) {
		all[name+"/"] = ""
	}
	return all
}

// TestLostAnswersOnLake: each request about directories, and each rename, is resolved when
// its answer was lost, and is never carried out twice.
func TestLostAnswersOnLake(t *testing.T) {
	rename := func(from, to string, o vfs.RenameOptions) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse(from), vfs.MustParse(to), o)
		}
	}
	moved := map[string]string{"dir/": "", "dir/a": "a", "new": "from", "target": "old"}
	onto := map[string]string{"dir/": "", "dir/a": "a", "target": "from"}
	tree := map[string]string{"from": "from", "target": "old", "tree/": "", "tree/a": "a"}
	start := map[string]string{"dir/": "", "dir/a": "a", "from": "from", "target": "old"}
	with := func(name string) map[string]string {
		all := maps.Clone(start)
		all[name] = ""
		return all
	}
	lost, busy := azstub.LostAnswer(), azstub.ServerBusy()
	tests := []struct {
		name  string
		do    func(context.Context, *azblob.Backend) error
		kind  azstub.Kind
		fault azstub.Fault
		times int // 0 is always
		want  map[string]string
		err   vfs.Kind // 0 is none
	}{
		{"rename", rename("/from", "/new", vfs.RenameOptions{}), azstub.RenamePath, lost, 1, moved, 0},
		{"rename, every answer", rename("/from", "/new", vfs.RenameOptions{}), azstub.RenamePath, lost, 0, moved, 0},
		{"rename, busy", rename("/from", "/new", vfs.RenameOptions{}), azstub.RenamePath, busy, 2, moved, 0},
		{"rename, busy for ever", rename("/from", "/new", vfs.RenameOptions{}), azstub.RenamePath, busy, 0, start, vfs.KindUnavailable},
		{"rename onto a file", rename("/from", "/target", vfs.RenameOptions{}), azstub.RenamePath, lost, 1, onto, 0},
		{"rename that must not replace", rename("/from", "/new", vfs.RenameOptions{NoReplace: true}), azstub.RenamePath, lost, 1, moved, 0},
		{"rename of a directory", rename("/dir", "/tree", vfs.RenameOptions{}), azstub.RenamePath, lost, 1, tree, 0},
		{"rename of a directory, every answer", rename("/dir", "/tree", vfs.RenameOptions{}), azstub.RenamePath, lost, 0, tree, 0},
		{"mkdir", func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/made")) }, azstub.CreateDirectory, lost, 1, with("made/"), 0},
		{"mkdir, every answer", func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/made")) }, azstub.CreateDirectory, lost, 0, with("made/"), 0},
		{"mkdir where one is, busy", func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/dir")) }, azstub.CreateDirectory, busy, 1, start, vfs.KindExist},
		{"rmdir", func(ctx context.Context, b *azblob.Backend) error {
			if err := b.Mkdir(ctx, vfs.MustParse("/made")); err != nil {
				return err
			}
			return b.Remove(ctx, vfs.MustParse("/made"), vfs.TypeDir)
		}, azstub.DeletePath, lost, 1, start, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{HNS: true})
			b := openLake(t, s, small())
			place(t, s, map[string]azstub.Blob{"from": {Content: []byte("from")}, "target": {Content: []byte("old")}, "dir/a": {Content: []byte("a")}})
			s.AddRule(azstub.Rule{Kinds: []azstub.Kind{test.kind}, Times: test.times, Fault: test.fault})
			if err := test.do(t.Context(), b); test.err != 0 {
				wantKind(t, err, test.err)
			} else if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(lake(s), test.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

// TestRenameOfAnother: a rename whose answer was lost is not taken for done because another
// client has put something at the target, and what came to the source later stays.
func TestRenameOfAnother(t *testing.T) {
	s := azstub.Start(t, azstub.Options{HNS: true})
	b := openLake(t, s, small())
	place(t, s, map[string]azstub.Blob{"from": {Content: []byte("mine")}})
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.RenamePath}, Times: 1, Match: func(*azstub.Request) bool {
		return true
	}, Fault: azstub.InternalError()})
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.RenamePath}, Skip: 1, Times: 1, Match: func(*azstub.Request) bool {
		return true
	}, Fault: azstub.Fail(azstub.BeforeBody(), 404, "SourcePathNotFound")})
	place(t, s, map[string]azstub.Blob{"new": {Content: []byte("of another")}})
	s.Remove(testContainer, "new")
	gone := func() {
		s.Remove(testContainer, "from")
		if err := s.Place(testContainer, "new", azstub.Blob{Content: []byte("of another")}); err != nil {
			t.Error(err)
		}
	}
	hold := make(chan struct{})
	s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.HeadBlob}, Skip: 2, Times: 2, Fault: azstub.Hold(hold)})
	go func() {
		defer close(hold)
		_ = s.Wait(t.Context(), func(c azstub.Counts) bool { return c.Of(azstub.RenamePath) >= 2 })
		gone()
	}()
	err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/new"), vfs.RenameOptions{})
	wantKind(t, err, vfs.KindConflict)
	if diff := cmp.Diff(lake(s), map[string]string{"new": "of another"}); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

// TestLateRename: an attempt that the service carries out late changes nothing that came
// after it.
func TestLateRename(t *testing.T) {
	for _, dir := range []bool{false, true} {
		s := azstub.Start(t, azstub.Options{HNS: true})
		o, retry := small(), *quick()
		retry.TryTimeout = patience.Limit() / 200
		o.Retry = &retry
		b := openLake(t, s, o)
		place(t, s, map[string]azstub.Blob{"from": {Content: []byte("first"), Directory: dir}})
		now := make(chan struct{})
		s.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.RenamePath}, Times: 1, Fault: azstub.Late(now)})
		if err := b.Rename(t.Context(), vfs.MustParse("/from"), vfs.MustParse("/to"), vfs.RenameOptions{}); err != nil {
			t.Fatal(err)
		}
		place(t, s, map[string]azstub.Blob{"from": {Content: []byte("second"), Directory: dir}})
		s.Remove(testContainer, "to")
		want := lake(s)
		close(now)
		if err := s.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lake(s), want); diff != "" {
			t.Errorf("a directory: %v; got -, want +:\n%s", dir, diff)
		}
	}
}

// TestRenameKeepsTimeOnLake: a file keeps its time, whatever the service does with it.
func TestRenameKeepsTimeOnLake(t *testing.T) {
	written := time.Date(2019, 5, 6, 7, 8, 9, 0, time.UTC)
	for _, stamps := range []bool{false, true} {
		s := azstub.Start(t, azstub.Options{HNS: true, RenameStamps: stamps})
		b := openLake(t, s, small())
		place(t, s, map[string]azstub.Blob{
			"plain": {Content: []byte("x"), Modified: written, Metadata: map[string]string{"Owner": "somebody"}},
			"set":   {Content: []byte("x"), Modified: written, Metadata: map[string]string{"mtime": written.Add(time.Hour).Format(time.RFC3339Nano)}},
			"dfs":   {Content: []byte("x"), Modified: written, Origin: azstub.OriginDFS},
		})
		for name, want := range map[string]time.Time{"plain": written, "set": written.Add(time.Hour), "dfs": written} {
			to := vfs.MustParse("/dir/" + name)
			if err := b.Rename(t.Context(), vfs.MustParse("/"+name), to, vfs.RenameOptions{}); err != nil {
				t.Fatal(err)
			}
			if info, err := b.Stat(t.Context(), to, vfs.TypeFile); err != nil || !info.ModTime.Equal(want) {
				t.Errorf("new versions: %v; %s is of %v, %v, want %v", stamps, name, info.ModTime, err, want)
			}
		}
		if got, _ := s.Blob(testContainer, "dir/plain"); got.Metadata["Owner"] != "somebody" {
			t.Errorf("metadata of others: %v", got.Metadata)
		}
	}
}

// TestReceiptsOnLake: the receipt of a rename is what the service has afterwards.
func TestReceiptsOnLake(t *testing.T) {
	for _, stamps := range []bool{false, true} {
		s := azstub.Start(t, azstub.Options{HNS: true, RenameStamps: stamps})
		var last vfs.Event
		v, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: openLake(t, s, small())}}, Allow: vfs.PermAll})
		if err != nil {
			t.Fatal(err)
		}
		v = v.Observed(func(_ context.Context, e vfs.Event) { last = e })
		place(t, s, map[string]azstub.Blob{"dir/a": {Content: []byte("content")}})
		for _, names := range [][2]string{{"dir/a", "dir/b"}, {"dir/b", "new/c"}, {"new", "moved"}} {
			if err := v.Rename(t.Context(), vfs.MustParse("/"+names[0]), vfs.MustParse("/"+names[1]), vfs.RenameOptions{}); err != nil {
				t.Fatal(err)
			}
			want := vfs.Receipt{URL: s.URL() + "/" + testContainer + "/" + names[1], Type: vfs.TypeDir}
			if blob, _ := s.Blob(testContainer, names[1]); !blob.Directory {
				want.Type, want.Size, want.ETag = vfs.TypeFile, 7, strings.Trim(blob.ETag, `"`)
			}
			if last.Receipt == nil || *last.Receipt != want {
				t.Errorf("%q: receipt %+v, want %+v", names, last.Receipt, want)
			}
		}
	}
}

// TestNamesOnLake: what a URL could take for something else arrives as it is, as the source
// and as the target, with each credential.
func TestNamesOnLake(t *testing.T) {
	odd := []string{"a b", "100%", "1+1", "what?", "c#", "ü, 日本", "%2F", "a&b=c", "x;y", "~!$'()*@:"}
	for name, open := range map[string]func(*testing.T, *azstub.Server) *azblob.Backend{
		"shared key": func(t *testing.T, s *azstub.Server) *azblob.Backend { return openLake(t, s, small()) },
		"SAS": func(t *testing.T, s *azstub.Server) *azblob.Backend {
			o := small()
			o.ContainerURL = s.URL() + "/" + testContainer + "?" + "sv=2023-11-03&sr=c&sp=racwdlm&se=2100-01-01T00:00:00Z&sig=c2ln%2B"
			return openWith(t, s, o)
		},
		"token": func(t *testing.T, s *azstub.Server) *azblob.Backend {
			client, err := s.Client()
			if err != nil {
				t.Fatal(err)
			}
			o := small()
			o.ContainerURL, o.Token, o.Transport = s.URL()+"/"+testContainer, token{}, client.Transport
			return openWith(t, s, o)
		},
		"connection string": func(t *testing.T, s *azstub.Server) *azblob.Backend {
			o := small()
			o.ConnectionString, o.ContainerURL = s.ConnectionString(), testContainer
			return openWith(t, s, o)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{HNS: true, TLS: name == "token"})
			b := open(t, s)
			for _, odd := range odd {
				dir, to := vfs.MustParse("/"+odd), vfs.MustParse("/to "+odd)
				file, err := dir.Child(odd)
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Mkdir(t.Context(), dir); err != nil {
					t.Fatalf("%q: %v", odd, err)
				}
				if _, err := store(t.Context(), b, file.String(), vfs.CreateOptions{}, strings.NewReader(odd)); err != nil {
					t.Fatalf("%q: %v", odd, err)
				}
				if err := b.Rename(t.Context(), file, to, vfs.RenameOptions{}); err != nil {
					t.Fatalf("%q: %v", odd, err)
				}
				wantLoad(t, b, to.String(), odd)
				if err := b.Rename(t.Context(), dir, vfs.MustParse("/dir "+odd), vfs.RenameOptions{}); err != nil {
					t.Fatalf("%q: %v", odd, err)
				}
				if err := b.Remove(t.Context(), vfs.MustParse("/dir "+odd), vfs.TypeDir); err != nil {
					t.Fatalf("%q: %v", odd, err)
				}
			}
			var want []string
			for _, odd := range odd {
				want = append(want, "to "+odd)
			}
			slices.Sort(want)
			got := names(t, b, "/")
			slices.Sort(got)
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

// openWith opens the container of an account with a hierarchical namespace with the
// credential that o has.
func openWith(t *testing.T, s *azstub.Server, o azblob.Options) *azblob.Backend {
	t.Helper()
	s.CreateContainer(testContainer)
	o.DFSEndpoint, o.Retry = s.DFSURL(), quick()
	b, err := azblob.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := b.Probe(t.Context(), azblob.NamespaceAuto); err != nil {
		t.Fatal(err)
	}
	return b
}
