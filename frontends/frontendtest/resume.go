package frontendtest

import (
	"slices"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func resumeTests() []suiteTest {
	return []suiteTest{
		{"resume/append", testAppend},
		{"resume/upload", testResumeUpload},
		{"resume/upload refused", testResumeRefused},
		{"resume/download", testResumeDownload},
	}
}

func testAppend(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	first, second := content(1, 5000), content(2, 1<<20)
	if !s.store.Caps().Append {
		s.wantKind(put(c, "/file", first, CreateOptions{Append: true}), OpCreate, vfs.KindUnsupported)
		return
	}
	s.ok(put(c, "/file", first, CreateOptions{Append: true}), "append to nothing")
	s.WantStored("/file", first)
	s.ok(put(c, "/file", second, CreateOptions{Append: true}), "append")
	s.wantGet(c, "/file", slices.Concat(first, second))
	s.ok(put(c, "/file", nil, CreateOptions{Append: true}), "append nothing")
	s.wantGet(c, "/file", slices.Concat(first, second))
}

func testResumeUpload(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	c := s.login()
	all := content(1, 3<<20)
	s.StoreFile("/file", all[:1<<20], noTime())
	err := put(c, "/file", all[1<<20:], CreateOptions{Offset: 1 << 20})
	if !s.store.Caps().Append {
		s.wantKind(err, OpCreate, vfs.KindUnsupported)
		return
	}
	s.ok(err, "resume")
	s.WantStored("/file", all)
	// The offset belongs to one transfer only.
	s.put(c, "/file", all[:10])
	s.WantStored("/file", all[:10])
}

// testResumeRefused proves that an upload from an offset is refused, and changes nothing,
// unless the offset is the end of the file.
func testResumeRefused(t *testing.T, target Target) {
	s := serve(t, target, setup{})
	if !s.store.Caps().Append {
		return // refused altogether: resume/upload proves it
	}
	c := s.login()
	old := content(1, 5000)
	s.StoreFile("/file", old, noTime())
	tests := []struct {
		name   string
		file   string
		offset int64
		kinds  []vfs.Kind
	}{
		{"before the end", "/file", 4999, []vfs.Kind{vfs.KindOffset}},
		{"behind the end", "/file", 5001, []vfs.Kind{vfs.KindOffset}},
		{"far behind the end", "/file", 1 << 50, []vfs.Kind{vfs.KindOffset}},
		{"no such file", "/other", 10, []vfs.Kind{vfs.KindOffset, vfs.KindNotExist}},
	}
	for _, test := range tests {
		s.wantKind(put(c, test.file, content(2, 100), CreateOptions{Offset: test.offset}), OpCreate, test.kinds...)
		s.WantStored("/file", old)
		s.WantStoredNames("/", "file")
	}
	s.wantGet(c, "/file", old)
}

func testResumeDownload(t *testing.T, target Target) {
	const size = 1<<20 + 7
	s := serve(t, target, setup{})
	c := s.login()
	all := content(1, size)
	s.StoreFile("/file", all, noTime())
	for _, offset := range []int64{0, 1, 32 << 10, size - 1, size} {
		got, err := get(c, "/file", offset)
		s.ok(err, "download from an offset")
		s.wantSame(got, all[offset:], "download from an offset")
	}
	for _, offset := range []int64{size + 1, 1 << 50} {
		_, err := get(c, "/file", offset)
		s.wantKind(err, OpOpen, vfs.KindOffset)
	}
	// The offset belongs to one transfer only.
	s.wantGet(c, "/file", all)
}
