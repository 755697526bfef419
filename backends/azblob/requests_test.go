package azblob_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// zeros reads n zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// store writes one file as a whole.
func store(ctx context.Context, b vfs.Backend, name string, o vfs.CreateOptions, content io.Reader) (vfs.Info, error) {
	w, err := b.Create(ctx, vfs.MustParse(name), o)
	if err != nil {
		return vfs.Info{}, err
	}
	defer w.Abort()
	if _, err := w.(io.ReaderFrom).ReadFrom(content); err != nil {
		return vfs.Info{}, err
	}
	return w.Commit(ctx, vfs.CommitOptions{})
}

// load reads one file as a whole.
func load(ctx context.Context, b vfs.Backend, name string, o vfs.OpenOptions) ([]byte, error) {
	r, err := b.Open(ctx, vfs.MustParse(name), o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	var content bytes.Buffer
	_, err = r.(io.WriterTo).WriteTo(&content)
	return content.Bytes(), err
}

func list(ctx context.Context, b vfs.Backend, name string) (entries []vfs.Info, err error) {
	for info, err := range b.List(ctx, vfs.MustParse(name)) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, info)
	}
	return entries, nil
}

// TestRequestsByMarkers proves what depends on directory_markers, and what does not: a
// marker "dir" of another program is protected with every setting.
func TestRequestsByMarkers(t *testing.T) {
	hdi, slash, none := azblob.MarkersHDI, azblob.MarkersSlash, azblob.MarkersNone
	put := func(name string, size int64) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := store(ctx, b, name, vfs.CreateOptions{}, zeros(size))
			return err
		}
	}
	remove := func(name string) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, vfs.MustParse(name), vfs.TypeFile)
		}
	}
	tests := []struct {
		name string
		do   func(context.Context, *azblob.Backend) error
		want map[azblob.Markers]string
		kind vfs.Kind
	}{
		{"STOR of a new file", put("/new", 10), map[azblob.Markers]string{hdi: "PutBlob 1", slash: "PutBlob 1", none: "PutBlob 1"}, 0},
		{"STOR onto a file", put("/small", 10), map[azblob.Markers]string{hdi: "PutBlob 2, HeadBlob 1", slash: "PutBlob 2, HeadBlob 1", none: "PutBlob 2, HeadBlob 1"}, 0},
		{"STOR of two blocks onto a file", put("/small", 2*suiteBlock), map[azblob.Markers]string{
			hdi: "PutBlock 2, PutBlockList 2, HeadBlob 1", slash: "PutBlock 2, PutBlockList 2, HeadBlob 1", none: "PutBlock 2, PutBlockList 2, HeadBlob 1",
		}, 0},
		{"DELE", remove("/small"), map[azblob.Markers]string{hdi: "HeadBlob 1, DeleteBlob 1", slash: "HeadBlob 1, DeleteBlob 1", none: "HeadBlob 1, DeleteBlob 1"}, 0},
		{"DELE of an implied directory", remove("/implied"), map[azblob.Markers]string{
			hdi: "HeadBlob 1, ListBlobs 1", slash: "HeadBlob 1, ListBlobs 1", none: "HeadBlob 1, ListBlobs 1",
		}, vfs.KindIsDir},
		{"LIST of an empty directory", func(ctx context.Context, b *azblob.Backend) error {
			_, err := list(ctx, b, "/made")
			return err
		}, map[azblob.Markers]string{hdi: "HeadBlob 1, ListBlobs 1", slash: "ListBlobs 1", none: "ListBlobs 1"}, 0},
		{"MKD", func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse("/new")) }, map[azblob.Markers]string{
			hdi: "PutBlob 1, HeadBlob 1", slash: "PutBlob 1, HeadBlob 1", none: "ListBlobs 1",
		}, 0},
		{"RMD", func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, vfs.MustParse("/made"), vfs.TypeDir)
		}, map[azblob.Markers]string{hdi: "ListBlobs 1, DeleteBlob 1", slash: "ListBlobs 1, DeleteBlob 1", none: "ListBlobs 1"}, 0},
		{"Rename of a file", func(ctx context.Context, b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse("/small"), vfs.MustParse("/new"), vfs.RenameOptions{})
		}, map[azblob.Markers]string{
			hdi:   "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1",
			slash: "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1",
			none:  "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1",
		}, 0},
	}
	eachMarkers(t, func(t *testing.T, m azblob.Markers) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s, o := azstub.Start(t, azstub.Options{}), small()
				o.Markers = m
				b := openStub(t, s, o)
				place(t, s, map[string]azstub.Blob{"small": {Content: []byte("content")}, "implied/a": {Content: []byte("a")}})
				if err := b.Mkdir(t.Context(), vfs.MustParse("/made")); err != nil {
					t.Fatal(err)
				}
				before := s.Counts()
				if err := test.do(t.Context(), b); (err == nil) != (test.kind == 0) || err != nil && vfs.KindOf(err) != test.kind {
					t.Fatalf("%v, want the kind %v", err, test.kind)
				}
				if got := s.Counts().Since(before).String(); got != test.want[m] {
					t.Errorf("requests: %s, want %s", got, test.want[m])
				}
			})
		}
	})
}

// TestRequests proves what each operation costs. Every one starts in the same
// container.
func TestRequests(t *testing.T) {
	const mib = 1 << 20
	marker := map[string]string{"hdi_isfolder": "true"}
	place := func(t *testing.T, s *azstub.Server, many int) {
		t.Helper()
		blobs := map[string]azstub.Blob{
			"small":         {Content: []byte("content")},
			"empty":         {Content: []byte{}},
			"large":         {Size: 20 * mib},
			"log":           {Content: []byte("line\n"), Blocks: []azstub.Block{{ID: "AAAAAAAAAAAAAAAAAAAAAA==", Size: 5}}},
			"made":          {Content: []byte{}, Metadata: marker},
			"slash/":        {Content: []byte{}, Metadata: marker},
			"implied/a":     {Content: []byte("a")},
			"implied/sub/b": {Content: []byte("b")},
		}
		for i := range many {
			blobs[fmt.Sprintf("many/%05d", i)] = azstub.Blob{Content: []byte{}}
		}
		for name, blob := range blobs {
			if err := s.Place(testContainer, name, blob); err != nil {
				t.Fatal(err)
			}
		}
	}
	stat := func(name string, want vfs.Type) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := b.Stat(ctx, vfs.MustParse(name), want)
			return err
		}
	}
	put := func(name string, mode vfs.Mode, size int64) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := store(ctx, b, name, vfs.CreateOptions{Mode: mode}, zeros(size))
			return err
		}
	}
	get := func(name string, offset int64) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := load(ctx, b, name, vfs.OpenOptions{Offset: offset})
			return err
		}
	}
	ls := func(name string) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := list(ctx, b, name)
			return err
		}
	}
	rename := func(from, to string) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Rename(ctx, vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{})
		}
	}
	rnfrRnto := func(from, to string) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			info, err := b.Stat(ctx, vfs.MustParse(from), vfs.TypeAny)
			if err != nil {
				return err
			}
			return b.Rename(ctx, vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{Version: info.Version})
		}
	}
	copyFile := func(from, to string, noReplace bool) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			_, err := b.Copy(ctx, vfs.MustParse(from), vfs.MustParse(to), vfs.CopyOptions{NoReplace: noReplace})
			return err
		}
	}
	mkdir := func(name string) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error { return b.Mkdir(ctx, vfs.MustParse(name)) }
	}
	remove := func(name string, want vfs.Type) func(context.Context, *azblob.Backend) error {
		return func(ctx context.Context, b *azblob.Backend) error {
			return b.Remove(ctx, vfs.MustParse(name), want)
		}
	}
	headAndList := []azstub.Kind{azstub.HeadBlob, azstub.ListBlobs}
	tests := []struct {
		name     string
		do       func(context.Context, *azblob.Backend) error
		many     int    // entries of the directory "many"
		want     string // requests by kind
		trips    int    // requests that wait for each other; 0 is not looked at
		together []azstub.Kind
		kind     vfs.Kind // of the error; 0 is none
	}{
		{name: "STOR of a new file up to a block", do: put("/new", vfs.ModeReplace, 8*mib), want: "PutBlob 1", trips: 1},
		{name: "STOR of an empty file", do: put("/new", vfs.ModeReplace, 0), want: "PutBlob 1", trips: 1},
		{name: "STOR onto a file", do: put("/large", vfs.ModeReplace, 10), want: "PutBlob 2, HeadBlob 1", trips: 3},
		{name: "STOR of two blocks onto a file", do: put("/large", vfs.ModeReplace, 16*mib), want: "PutBlock 2, PutBlockList 2, HeadBlob 1"},
		{name: "STOR onto a directory", do: put("/made", vfs.ModeReplace, 10), want: "PutBlob 1, HeadBlob 1", trips: 2, kind: vfs.KindIsDir},
		{name: "STOU", do: put("/new", vfs.ModeExclusive, 10), want: "PutBlob 1", trips: 1},
		{name: "STOR of 64 MiB", do: put("/new", vfs.ModeReplace, 64*mib), want: "PutBlock 8, PutBlockList 1"},
		{name: "STOR of a byte more than a block", do: put("/new", vfs.ModeReplace, 8*mib+1), want: "PutBlock 2, PutBlockList 1"},
		{name: "RETR up to a range", do: get("/small", 0), want: "GetBlob 1", trips: 1},
		{name: "RETR of three ranges", do: get("/large", 0), want: "GetBlob 3"},
		{name: "RETR of an empty file", do: get("/empty", 0), want: "GetBlob 1, HeadBlob 1", trips: 2},
		{name: "RETR from the end", do: get("/small", 7), want: "GetBlob 1, HeadBlob 1", trips: 2},
		{name: "RETR of nothing", do: get("/missing", 0), want: "GetBlob 1", trips: 1, kind: vfs.KindNotExist},
		{name: "SIZE", do: stat("/small", vfs.TypeFile), want: "HeadBlob 1", trips: 1},
		{name: "SIZE of nothing", do: stat("/missing", vfs.TypeFile), want: "HeadBlob 1", trips: 1, kind: vfs.KindNotExist},
		{name: "RNFR, STAT of a file", do: stat("/small", vfs.TypeAny), want: "HeadBlob 1", trips: 1},
		{name: "STAT of a directory", do: stat("/made", vfs.TypeAny), want: "HeadBlob 1", trips: 1},
		{name: "STAT of an implied directory", do: stat("/implied", vfs.TypeAny), want: "HeadBlob 1, ListBlobs 1", trips: 2},
		{name: "CWD", do: stat("/made", vfs.TypeDir), want: "ListBlobs 1", trips: 1},
		{name: "CWD into an implied directory", do: stat("/implied", vfs.TypeDir), want: "ListBlobs 1", trips: 1},
		{name: "CWD into a marker with a slash", do: stat("/slash", vfs.TypeDir), want: "ListBlobs 1", trips: 1},
		{name: "CWD into a file", do: stat("/small", vfs.TypeDir), want: "ListBlobs 1", trips: 1, kind: vfs.KindNotDir},
		{name: "CWD to nothing", do: stat("/missing", vfs.TypeDir), want: "ListBlobs 1", trips: 1, kind: vfs.KindNotExist},
		{name: "CWD to the root", do: stat("/", vfs.TypeDir), want: "none"},
		{name: "LIST", do: ls("/implied"), want: "ListBlobs 1", trips: 1},
		{name: "LIST of an empty directory", do: ls("/made"), want: "HeadBlob 1, ListBlobs 1", trips: 2},
		{name: "LIST of 5,001 entries", many: 5001, do: ls("/many"), want: "ListBlobs 2", trips: 2},
		{name: "LIST of a file", do: ls("/small"), want: "HeadBlob 1, ListBlobs 1", trips: 2, kind: vfs.KindNotDir},
		{name: "RNFR and RNTO of a file", do: rnfrRnto("/small", "/new"), want: "HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1"},
		{name: "RNFR and RNTO onto a file", do: rnfrRnto("/small", "/large"), want: "HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1"},
		{
			name: "Rename of a file", do: rename("/small", "/new"), want: "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1",
			trips: 3, together: headAndList,
		},
		{
			name: "Rename onto a file", do: rename("/small", "/large"), want: "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1",
			trips: 3, together: headAndList,
		},
		{
			name: "Rename of a file onto a directory", do: rename("/small", "/made"), want: "HeadBlob 1, ListBlobs 1",
			trips: 1, together: headAndList, kind: vfs.KindIsDir,
		},
		{name: "Rename of a directory of two", do: rename("/implied", "/new"), want: "HeadBlob 1, ListBlobs 2, CopyBlob 2, DeleteBlob 2"},
		{name: "Copy of a file", do: copyFile("/large", "/new", false), want: "HeadBlob 1, ListBlobs 1, CopyBlob 1", trips: 2, together: headAndList},
		{name: "Copy onto a file", do: copyFile("/small", "/large", false), want: "HeadBlob 1, ListBlobs 1, CopyBlob 1", trips: 2, together: headAndList},
		{name: "Copy where one is", do: copyFile("/small", "/large", true), want: "HeadBlob 1, ListBlobs 1", trips: 1, together: headAndList, kind: vfs.KindExist},
		{name: "Copy onto itself", do: copyFile("/small", "/small", false), want: "HeadBlob 1, SetMetadata 1", trips: 2},
		{name: "Copy of nothing", do: copyFile("/missing", "/large", false), want: "HeadBlob 1, ListBlobs 1", trips: 1, together: headAndList, kind: vfs.KindNotExist},
		{name: "MKD", do: mkdir("/new"), want: "PutBlob 1, HeadBlob 1", trips: 1, together: []azstub.Kind{azstub.PutBlob, azstub.HeadBlob}},
		{
			name: "MKD where one is", do: mkdir("/made"), want: "PutBlob 1, HeadBlob 1", trips: 1, kind: vfs.KindExist,
			together: []azstub.Kind{azstub.PutBlob, azstub.HeadBlob},
		},
		{
			name: "MKD where a marker with a slash is", do: mkdir("/slash"), want: "PutBlob 1, HeadBlob 1, DeleteBlob 1", trips: 2, kind: vfs.KindExist,
			together: []azstub.Kind{azstub.PutBlob, azstub.HeadBlob},
		},
		{
			name: "MKD where a file is", do: mkdir("/small"), want: "PutBlob 1, HeadBlob 1", trips: 1, kind: vfs.KindExist,
			together: []azstub.Kind{azstub.PutBlob, azstub.HeadBlob},
		},
		{name: "RMD", do: remove("/made", vfs.TypeDir), want: "ListBlobs 1, DeleteBlob 1", trips: 2},
		{name: "RMD of a marker with a slash", do: remove("/slash", vfs.TypeDir), want: "ListBlobs 1, DeleteBlob 1", trips: 2},
		{name: "RMD of a full directory", do: remove("/implied", vfs.TypeDir), want: "ListBlobs 1", trips: 1, kind: vfs.KindNotEmpty},
		{name: "RMD of a file", do: remove("/small", vfs.TypeDir), want: "ListBlobs 1", trips: 1, kind: vfs.KindNotDir},
		{name: "DELE", do: remove("/small", vfs.TypeFile), want: "HeadBlob 1, DeleteBlob 1", trips: 2},
		{name: "DELE of a directory", do: remove("/made", vfs.TypeFile), want: "HeadBlob 1", trips: 1, kind: vfs.KindIsDir},
		{name: "DELE of an implied directory", do: remove("/implied", vfs.TypeFile), want: "HeadBlob 1, ListBlobs 1", trips: 2, kind: vfs.KindIsDir},
		{
			name: "APPE of a small piece", do: put("/log", vfs.ModeAppend, 10), want: "PutBlock 1, PutBlockList 1, GetBlockList 1, HeadBlob 1",
			trips: 3, together: []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList},
		},
		{
			name: "APPE to a file without blocks", do: put("/small", vfs.ModeAppend, 10), trips: 0,
			want: "PutBlock 1, PutBlockList 1, GetBlockList 1, GetBlob 1, HeadBlob 1",
		},
		{
			name: "APPE to an empty file", do: put("/empty", vfs.ModeAppend, 10), want: "PutBlob 1, GetBlockList 1, HeadBlob 1", trips: 2,
			together: []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList},
		},
		{name: "MFMT", want: "HeadBlob 1, SetMetadata 1", trips: 2, do: func(ctx context.Context, b *azblob.Backend) error {
			return b.SetModTime(ctx, vfs.MustParse("/small"), time.Unix(1e9, 0))
		}},
		{name: "MFMT of a directory", want: "HeadBlob 1, SetMetadata 1", trips: 2, do: func(ctx context.Context, b *azblob.Backend) error {
			return b.SetModTime(ctx, vfs.MustParse("/made"), time.Unix(1e9, 0))
		}},
		{
			name: "opening", want: "ListBlobs 2", trips: 1, together: []azstub.Kind{azstub.ListBlobs, azstub.ListBlobs},
			do: func(ctx context.Context, b *azblob.Backend) error { return b.Probe(ctx, azblob.NamespaceAuto) },
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{Discard: strings.Contains(test.name, "64 MiB")})
			b := openStub(t, s, azblob.Options{})
			place(t, s, test.many)
			before, seq := s.Counts(), s.Seq()
			if test.together != nil {
				s.Together(t.Context(), test.together...)
			}
			err := test.do(t.Context(), b)
			if got := vfs.KindOf(err); (err == nil) != (test.kind == 0) || err != nil && got != test.kind {
				t.Fatalf("kind %v, want %v: %v", got, test.kind, err)
			}
			if got := s.Counts().Since(before).String(); got != test.want {
				t.Errorf("requests: %s, want %s", got, test.want)
			}
			if got := azstub.Trips(s.Requests(seq)); test.trips > 0 && got != test.trips {
				t.Errorf("%d requests waited for each other, want %d", got, test.trips)
			}
		})
	}
}
