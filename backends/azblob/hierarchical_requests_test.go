package azblob_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestRequestsOnLake proves what each operation costs in an account with a hierarchical
// namespace: never more than in a flat one (TestRequests).
func TestRequestsOnLake(t *testing.T) {
	type do = func(context.Context, *azblob.Backend) error
	stat := func(name string, want vfs.Type) do {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := b.Stat(ctx, vfs.MustParse(name), want)
			return err
		}
	}
	put := func(name string, mode vfs.Mode, size int64) do {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := store(ctx, b, name, vfs.CreateOptions{Mode: mode}, zeros(size))
			return err
		}
	}
	ls := func(name string) do {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := list(ctx, b, name)
			return err
		}
	}
	rename := func(from, to string) do {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{})
		}
	}
	mkdir := func(name string) do {
		return func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse(name)) }
	}
	remove := func(name string, want vfs.Type) do {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, vfs.MustParse(name), want)
		}
	}
	head := azstub.HeadBlob
	const headAndList, twoHeads = "HeadBlob 1, ListBlobs 1", "HeadBlob 2"
	tests := []struct {
		name     string
		do       do
		o        azblob.HierarchicalOptions
		want     string // requests by kind, a regular expression
		trips    int    // requests that wait for each other; 0 is not looked at
		together []azstub.Kind
		kind     vfs.Kind // of the error; 0 is none
	}{
		{name: "STOR of a new file", do: put("/new", vfs.ModeReplace, 10), want: "PutBlob 1", trips: 1},
		{name: "STOR into a new directory", do: put("/a/b/new", vfs.ModeReplace, 10), want: "PutBlob 1", trips: 1},
		{name: "STOR onto a file", do: put("/small", vfs.ModeReplace, 10), want: "PutBlob 2, HeadBlob 1", trips: 3},
		{name: "STOR onto a file, access kept", do: put("/small", vfs.ModeReplace, 10), o: azblob.HierarchicalOptions{KeepACL: true}, want: "PutBlob 2, HeadBlob 1, SetOwner 1", trips: 4},
		{name: "STOR of two blocks onto a file", do: put("/small", vfs.ModeReplace, 2*suiteBlock), want: "PutBlock 2, PutBlockList 2, HeadBlob 1"},
		{name: "STOR onto a directory", do: put("/full", vfs.ModeReplace, 10), want: "PutBlob 1, HeadBlob 1", trips: 2, kind: vfs.KindIsDir},
		{name: "STOR below a file", do: put("/small/x", vfs.ModeReplace, 10), want: "PutBlob 1, HeadBlob 2", trips: 3, kind: vfs.KindNotExist},
		{name: "STOR onto a file of Spark's", do: put("/spark", vfs.ModeReplace, 10), want: "PutBlob 2, HeadBlob 1", trips: 3},
		// A refused Put Block is sent again under another name; the second one may be sent before
		// the first is refused. The time of the file is asked for once.
		{
			name: "STOR of two blocks onto a file of Spark's", do: put("/spark", vfs.ModeReplace, 2*suiteBlock),
			want: "PutBlock [34], PutBlockList 1, HeadBlob 2, RenamePath 1, SetOwner 1",
		},
		{
			name: "APPE to a file of Spark's", do: put("/spark", vfs.ModeAppend, 10),
			want: "PutBlock 2, PutBlockList 1, GetBlockList 1, GetBlob 1, HeadBlob 2, RenamePath 1, SetOwner 1",
		},
		{name: "SIZE", do: stat("/small", vfs.TypeFile), want: "HeadBlob 1", trips: 1},
		{name: "STAT of a directory", do: stat("/full", vfs.TypeAny), want: "HeadBlob 1", trips: 1},
		{name: "STAT of nothing", do: stat("/missing", vfs.TypeAny), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotExist},
		{name: "CWD", do: stat("/full", vfs.TypeDir), want: "HeadBlob 1", trips: 1},
		{name: "CWD into a file", do: stat("/small", vfs.TypeDir), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotDir},
		{name: "CWD to nothing", do: stat("/missing", vfs.TypeDir), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotExist},
		{name: "LIST", do: ls("/full"), want: "ListBlobs 1", trips: 1},
		{name: "LIST of an empty directory", do: ls("/empty"), want: headAndList, trips: 2},
		{name: "LIST of a file", do: ls("/small"), want: headAndList, trips: 2, kind: vfs.KindNotDir},
		// The first rename of a file also asks how the service has kept its time.
		{name: "Rename of a file", do: rename("/small", "/new"), want: "HeadBlob 3, RenamePath 1", together: []azstub.Kind{head, head}},
		{name: "Rename of two files", do: func(ctx context.Context, b *azblob.Backend) error {
			if err := rename("/small", "/new")(ctx, b); err != nil {
				return err
			}
			return rename("/full/a", "/full/b")(ctx, b)
		}, want: "HeadBlob 5, RenamePath 2"},
		{name: "Rename onto a file", do: rename("/small", "/full/a"), want: "HeadBlob 3, RenamePath 1", together: []azstub.Kind{head, head}},
		{name: "Rename into a new directory", do: rename("/small", "/a/b/new"), want: "HeadBlob 3, CreateDirectory 1, RenamePath 2"},
		{name: "Rename of a file onto a directory", do: rename("/small", "/full"), want: twoHeads, trips: 1, together: []azstub.Kind{head, head}, kind: vfs.KindIsDir},
		{
			name: "Rename of a file by a copy", do: rename("/small", "/new"), o: azblob.HierarchicalOptions{CopyFiles: true},
			want: "HeadBlob 2, CopyBlob 1, DeleteBlob 1", trips: 3, together: []azstub.Kind{head, head},
		},
		{name: "Rename of a directory", do: rename("/full", "/new"), want: "HeadBlob 2, RenamePath 1", trips: 2, together: []azstub.Kind{head, head}},
		{
			name: "Rename of a directory beside copies of files", do: rename("/full", "/new"), o: azblob.HierarchicalOptions{CopyFiles: true},
			want: "HeadBlob 2, RenamePath 1",
		},
		{name: "MKD", do: mkdir("/new"), want: "CreateDirectory 1", trips: 1},
		{name: "MKD with parents", do: mkdir("/a/b/new"), want: "CreateDirectory 1", trips: 1},
		{name: "MKD where one is", do: mkdir("/full"), want: "HeadBlob 1, CreateDirectory 1", trips: 2, kind: vfs.KindExist},
		{name: "MKD where a file is", do: mkdir("/small"), want: "HeadBlob 1, CreateDirectory 1", trips: 2, kind: vfs.KindExist},
		{name: "RMD", do: remove("/empty", vfs.TypeDir), want: "HeadBlob 1, DeletePath 1", trips: 2},
		{name: "RMD of a full directory", do: remove("/full", vfs.TypeDir), want: "HeadBlob 1, DeletePath 1", trips: 2, kind: vfs.KindNotEmpty},
		{name: "RMD of a file", do: remove("/small", vfs.TypeDir), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotDir},
		{name: "DELE", do: remove("/small", vfs.TypeFile), want: "HeadBlob 1, DeleteBlob 1", trips: 2},
		{name: "DELE of a directory", do: remove("/full", vfs.TypeFile), want: "HeadBlob 1", trips: 1, kind: vfs.KindIsDir},
		{name: "DELE of nothing", do: remove("/missing", vfs.TypeFile), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotExist},
		{name: "MFMT", want: "HeadBlob 1, SetMetadata 1", trips: 2, do: func(ctx context.Context, b *azblob.Backend) error {
			return b.SetModTime(ctx, vfs.MustParse("/small"), time.Unix(1e9, 0))
		}},
		{name: "opening", want: "ListBlobs 2, AccountInfo 1, HeadFilesystem 1", trips: 3, together: []azstub.Kind{azstub.ListBlobs, azstub.ListBlobs}, do: func(ctx context.Context, b *azblob.Backend) error {
			return b.Probe(ctx, azblob.NamespaceAuto)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{HNS: true})
			o := small()
			o.Hierarchical = test.o
			b := openLake(t, s, o)
			place(t, s, map[string]azstub.Blob{
				"small": {Content: []byte("content")}, "full/a": {Content: []byte("a")}, "empty": {Directory: true},
				"spark": {Content: []byte("part"), Origin: azstub.OriginDFS},
			})
			before, seq := s.Counts(), s.Seq()
			if test.together != nil {
				s.Together(t.Context(), test.together...)
			}
			err := test.do(t.Context(), b)
			if got := vfs.KindOf(err); (err == nil) != (test.kind == 0) || err != nil && got != test.kind {
				t.Fatalf("kind %v, want %v: %v", got, test.kind, err)
			}
			if got := s.Counts().Since(before).String(); !regexp.MustCompile("^" + test.want + "$").MatchString(got) {
				t.Errorf("requests: %s, want %s", got, test.want)
			}
			if got := azstub.Trips(s.Requests(seq)); test.trips > 0 && got != test.trips {
				t.Errorf("%d requests waited for each other, want %d", got, test.trips)
			}
		})
	}
}
