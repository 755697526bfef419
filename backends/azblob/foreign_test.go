package azblob_test

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// What other programs leave in a container, and what must survive ours.

func place(t *testing.T, s *azstub.Server, blobs map[string]azstub.Blob) {
	t.Helper()
	for name, blob := range blobs {
		if err := s.Place(testContainer, name, blob); err != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, b vfs.Backend, dir string) []string {
	t.Helper()
	entries, err := list(t.Context(), b, dir)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, info := range entries {
		name := info.Name
		if info.IsDir() {
			name += "/"
		}
		got = append(got, name)
	}
	slices.Sort(got)
	return got
}

func wantNames(t *testing.T, b vfs.Backend, dir string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if diff := cmp.Diff(names(t, b, dir), append([]string{}, want...)); diff != "" {
		t.Errorf("List(%q), got -, want +:\n%s", dir, diff)
	}
}

// The sum that is kept with a blob is told by Stat and List.
func TestForeignMD5(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{})
	sum := md5.Sum([]byte("content"))
	place(t, s, map[string]azstub.Blob{
		"dir/summed": {Content: []byte("content"), Headers: azstub.Headers{ContentMD5: sum[:]}}, "dir/plain": {Content: []byte("content")},
	})
	entries, err := list(t.Context(), b, "/dir")
	if err != nil {
		t.Fatal(err)
	}
	for _, listed := range entries {
		want := ""
		if listed.Name == "summed" {
			want = string(sum[:])
		}
		asked, err := b.Stat(t.Context(), vfs.MustParse("/dir/"+listed.Name), vfs.TypeFile)
		if err != nil || asked.MD5 != want || listed.MD5 != want {
			t.Errorf("%s: Stat says %x, List %x, %v, want %x", listed.Name, asked.MD5, listed.MD5, err, want)
		}
	}
}

// TestForeignMarkers lists them with every size of pages, so that a marker and
// the prefix of its name come on one page or on two, with others between.
func TestForeignMarkers(t *testing.T) {
	for page := 1; page <= 12; page++ {
		t.Run(fmt.Sprintf("pages of %d", page), func(t *testing.T) {
			t.Parallel()
			s := azstub.Start(t, azstub.Options{Limits: azstub.Limits{Page: page}})
			b := openStub(t, s, small())
			marker := azstub.Blob{Content: []byte{}, Metadata: map[string]string{"hdi_isfolder": "true"}}
			capital := azstub.Blob{Content: []byte{}, Metadata: map[string]string{"HDI_IsFolder": "True"}}
			file := azstub.Blob{Content: []byte("x")}
			place(t, s, map[string]azstub.Blob{
				"a": marker, "a/x": file, "a-b": marker, "a-b-c": marker, "a-b-c/x": file, "a-b/x": file, "a.txt": file,
				"b": capital, "c/": marker, "d": file, "d/x": file, "e": marker, "e/": marker,
				"f": {Content: []byte("with content"), Metadata: map[string]string{"hdi_isfolder": "true"}},
			})
			wantNames(t, b, "/", "a/", "a-b/", "a-b-c/", "a.txt", "b/", "c/", "d", "d/", "e/", "f")
			wantNames(t, b, "/a", "x")
			wantNames(t, b, "/b")
			wantNames(t, b, "/c")
			for _, name := range []string{"/a", "/b", "/e"} {
				for _, want := range []vfs.Type{vfs.TypeAny, vfs.TypeDir} {
					info, err := b.Stat(t.Context(), vfs.MustParse(name), want)
					if err != nil || !info.IsDir() {
						t.Errorf("Stat(%q, %v) = %+v, %v", name, want, info, err)
					}
				}
				_, err := b.Stat(t.Context(), vfs.MustParse(name), vfs.TypeFile)
				wantKind(t, err, vfs.KindIsDir)
				_, err = load(t.Context(), b, name, vfs.OpenOptions{})
				wantKind(t, err, vfs.KindIsDir)
				_, err = store(t.Context(), b, name, vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("x"))
				wantKind(t, err, vfs.KindIsDir)
				wantKind(t, b.Mkdir(t.Context(), vfs.MustParse(name)), vfs.KindExist)
			}
			wantKind(t, b.Remove(t.Context(), vfs.MustParse("/a"), vfs.TypeDir), vfs.KindNotEmpty)
			if err := b.Remove(t.Context(), vfs.MustParse("/b"), vfs.TypeDir); err != nil {
				t.Error(err)
			}
			if err := b.Rename(t.Context(), vfs.MustParse("/a"), vfs.MustParse("/moved"), vfs.RenameOptions{}); err != nil {
				t.Error(err)
			}
			wantNames(t, b, "/", "moved/", "a-b/", "a-b-c/", "a.txt", "c/", "d", "d/", "e/", "f")
			wantNames(t, b, "/moved", "x")
		})
	}
}

// TestNamesOfOthers: what no path leads to is left out, and its directory is
// there and not empty all the same.
func TestNamesOfOthers(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	file := azstub.Blob{Content: []byte("x")}
	place(t, s, map[string]azstub.Blob{"/absolute": file, "a//b": file, "c/./d": file, "c/../e": file, "dot.": file, "dir./f": file, "g\u0001": file, "good": file})
	wantNames(t, b, "/", "a/", "c/", "good")
	wantNames(t, b, "/a")
	wantNames(t, b, "/c")
	wantKind(t, b.Remove(t.Context(), vfs.MustParse("/a"), vfs.TypeDir), vfs.KindNotEmpty)
}

// TestMarkerWithContent: a blob of our marker's name that holds something is
// not removed with its directory.
func TestMarkerWithContent(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	place(t, s, map[string]azstub.Blob{"dir/": {Content: []byte("somebody's")}})
	wantKind(t, b.Remove(t.Context(), vfs.MustParse("/dir"), vfs.TypeDir), vfs.KindNotEmpty)
	wantContent(t, s, "dir/", []byte("somebody's"))
}

// TestStoredCompressed: a blob with Content-Encoding is read as it is stored.
func TestStoredCompressed(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(bytes.Repeat([]byte("text "), 100_000)); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	place(t, s, map[string]azstub.Blob{"page.html": {Content: packed.Bytes(), Headers: azstub.Headers{ContentEncoding: "gzip"}}})
	got, err := load(t.Context(), b, "/page.html", vfs.OpenOptions{})
	if err != nil || !bytes.Equal(got, packed.Bytes()) {
		t.Errorf("%d bytes, want the stored %d: %v", len(got), packed.Len(), err)
	}
}

// TestKeptProperties: neither an append nor another time changes what it does
// not speak of.
func TestKeptProperties(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	headers := azstub.Headers{
		ContentType: "text/plain", CacheControl: "max-age=1", ContentEncoding: "identity", ContentLanguage: "de", ContentDisposition: "inline",
	}
	place(t, s, map[string]azstub.Blob{"log": {
		Content: []byte("a"), Headers: headers, Tier: "Cool", Metadata: map[string]string{"owner": "somebody", "mtime": "2001-02-03T04:05:06Z"},
	}})
	check := func(what, content, mtime string) {
		t.Helper()
		got, _ := s.Blob(testContainer, "log")
		if string(got.Content) != content || got.Metadata["owner"] != "somebody" || got.Metadata["mtime"] != mtime || got.Tier != "Cool" {
			t.Errorf("after %s: %q, %v, tier %q", what, got.Content, got.Metadata, got.Tier)
		}
		if diff := cmp.Diff(got.Headers, headers); diff != "" {
			t.Errorf("after %s, got -, want +:\n%s", what, diff)
		}
	}
	if err := b.SetModTime(t.Context(), vfs.MustParse("/log"), time.Unix(1e9, 5).In(time.FixedZone("", 3600))); err != nil {
		t.Fatal(err)
	}
	check("SetModTime", "a", "2001-09-09T01:46:40.000000005Z")
	for _, content := range []string{"ab", "abc"} {
		if _, err := store(t.Context(), b, "/log", vfs.CreateOptions{Mode: vfs.ModeAppend, ContentType: "image/png"}, strings.NewReader(content[len(content)-1:])); err != nil {
			t.Fatal(err)
		}
		check("an append", content, "")
	}
}

// TestNewProperties: what a new file gets, both ways in which it is stored.
func TestNewProperties(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	for _, size := range []int64{10, 3 * suiteBlock} {
		o := vfs.CreateOptions{ContentType: "text/css", CacheControl: "public"}
		if _, err := store(t.Context(), b, "/page.css", o, zeros(size)); err != nil {
			t.Fatal(err)
		}
		got, _ := s.Blob(testContainer, "page.css")
		if got.Headers.ContentType != o.ContentType || got.Headers.CacheControl != o.CacheControl {
			t.Errorf("%d bytes: %+v", size, got.Headers)
		}
	}
}

// TestOtherBlobTypes are read and removed, and can be neither appended to nor
// replaced: the type of a blob never changes. What was to replace them stays.
func TestOtherBlobTypes(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	for _, kind := range []string{"AppendBlob", "PageBlob"} {
		place(t, s, map[string]azstub.Blob{kind: {Content: []byte("content"), Type: kind}})
		_, err := store(t.Context(), b, "/"+kind, vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("x"))
		wantKind(t, err, vfs.KindUnsupported)
		wantType := func(what string, err error) {
			t.Helper()
			wantKind(t, err, vfs.KindUnsupported)
			if got := vfs.ReasonOf(err); got != "file is an append blob or page blob" {
				t.Errorf("%s, %s: reason %q", what, kind, got)
			}
			wantContent(t, s, kind, []byte("content"))
		}
		for _, size := range []int64{0, 1, suiteBlock, 5 * suiteBlock} {
			_, err := store(t.Context(), b, "/"+kind, vfs.CreateOptions{}, zeros(size))
			wantType(fmt.Sprint(size, " bytes"), err)
		}
		place(t, s, map[string]azstub.Blob{"source": {Content: []byte("source")}})
		err = b.Rename(t.Context(), vfs.MustParse("/source"), vfs.MustParse("/"+kind), vfs.RenameOptions{})
		wantType("rename", err)
		_, err = b.Copy(t.Context(), vfs.MustParse("/source"), vfs.MustParse("/"+kind), vfs.CopyOptions{})
		wantType("copy", err)
		wantContent(t, s, "source", []byte("source"))
		if got, err := load(t.Context(), b, "/"+kind, vfs.OpenOptions{}); err != nil || string(got) != "content" {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
		if err := b.Remove(t.Context(), vfs.MustParse("/"+kind), vfs.TypeFile); err != nil {
			t.Error(err)
		}
	}
}

// TestFailsEarly: what the service will not let be replaced ends a long upload
// at its first block, not at its end.
func TestFailsEarly(t *testing.T) {
	for name, blob := range map[string]azstub.Blob{
		"append blob": {Content: []byte("x"), Type: "AppendBlob"},
		"archived":    {Content: []byte("x"), Tier: "Archive"},
		"immutable":   {Content: []byte("x"), Immutable: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := azstub.Start(t, azstub.Options{})
			b := openStub(t, s, small())
			place(t, s, map[string]azstub.Blob{"file": blob})
			w, err := b.Create(t.Context(), vfs.MustParse("/file"), vfs.CreateOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Abort()
			// An upload without an end: it ends when the refusal has come.
			_, err = w.(io.ReaderFrom).ReadFrom(zeroReader{})
			if kind := vfs.KindOf(err); kind != vfs.KindUnsupported && kind != vfs.KindLocked {
				t.Errorf("kind %v: %v", kind, err)
			}
			if n := s.Counts()[azstub.PutBlockList]; n != 0 {
				t.Error("the blocks were committed")
			}
			wantContent(t, s, "file", blob.Content)
		})
	}
}

// TestLocked: what the service keeps from being changed says why.
func TestLocked(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, small())
	place(t, s, map[string]azstub.Blob{
		"archived":  {Content: []byte("x"), Tier: "Archive"},
		"immutable": {Content: []byte("x"), Immutable: true},
	})
	wantReason := func(err error, want string) {
		t.Helper()
		wantKind(t, err, vfs.KindLocked)
		if got := vfs.ReasonOf(err); got != want {
			t.Errorf("reason %q, want %q", got, want)
		}
	}
	_, err := load(t.Context(), b, "/archived", vfs.OpenOptions{})
	wantReason(err, "file is archived")
	_, err = store(t.Context(), b, "/archived", vfs.CreateOptions{Mode: vfs.ModeAppend}, strings.NewReader("x"))
	wantReason(err, "file is archived")
	wantReason(b.Remove(t.Context(), vfs.MustParse("/immutable"), vfs.TypeFile), "file is protected by an immutability policy")
	_, err = store(t.Context(), b, "/immutable", vfs.CreateOptions{}, strings.NewReader("x"))
	wantReason(err, "file is protected by an immutability policy")
}

// TestRenameTooMany refuses before the first copy.
func TestRenameTooMany(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	o := small()
	o.RenameEntries = 3
	b := openStub(t, s, o)
	for i := range 4 {
		place(t, s, map[string]azstub.Blob{fmt.Sprintf("dir/%d", i): {Content: []byte("x")}})
	}
	wantKind(t, b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/new"), vfs.RenameOptions{}), vfs.KindTooMany)
	if n := s.Counts()[azstub.CopyBlob]; n != 0 {
		t.Errorf("%d copies were made", n)
	}
	if err := b.Remove(t.Context(), vfs.MustParse("/dir/0"), vfs.TypeFile); err != nil {
		t.Fatal(err)
	}
	if err := b.Rename(t.Context(), vfs.MustParse("/dir"), vfs.MustParse("/new"), vfs.RenameOptions{}); err != nil {
		t.Error(err)
	}
}

// TestOutOfBlocks appends to a file that has all blocks but one, and its last
// 1,000 hold more than can be stored again as one.
func TestOutOfBlocks(t *testing.T) {
	t.Parallel()
	s := azstub.Start(t, azstub.Options{})
	b := openStub(t, s, azblob.Options{BlockSize: 32 << 10, Chunks: chunk.New(1 << 20)})
	full := azstub.Blob{Content: bytes.Repeat([]byte("x"), 49_999*132)}
	for i := range 49_999 {
		full.Blocks = append(full.Blocks, azstub.Block{ID: fmt.Sprintf("%024d", i), Size: 132})
	}
	place(t, s, map[string]azstub.Blob{"full": full})
	_, err := store(t.Context(), b, "/full", vfs.CreateOptions{Mode: vfs.ModeAppend}, zeros(1<<20))
	wantKind(t, err, vfs.KindTooLarge)
	wantContent(t, s, "full", full.Content)
	if _, err := store(t.Context(), b, "/full", vfs.CreateOptions{Mode: vfs.ModeAppend}, zeros(1<<10)); err != nil {
		t.Fatal(err)
	}
}
