package vfstest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidegate/tidegate/vfs"
)

func nameTests() []suiteTest {
	return []suiteTest{
		{"G1/names-of-files", testFileNames},
		{"G1/names-of-directories", testDirNames},
		{"G1/names-renamed", testRenamedNames},
		{"G1/names-that-look-alike", testNamesAlike},
		{"G1/names-that-begin-alike", testPrefixNames},
	}
}

// weirdNames are names that a URL, a shell, a pattern, a file system or a
// listing might take for something else.
func weirdNames() []string {
	return []string{
		" leading", "trailing ", "two  spaces", "in side", " ", "\u00a0nbsp",
		"%", "%20", "a%2Fb", "%25", "100%", "%zz", "%00",
		"#", "#a", "a#b", "?", "a?b=c&d=e", "+", "a+b", "&", "&amp;", "=", ";", ",", "@", "!", "^", "~", "~root",
		"'", `"`, "`", `it's "it"`, ":", "a:b", "c:", "*", "**", "<", ">", "<a>", "|", "a|b", `\`, `a\b`, `..\up`,
		"$HOME", "$(x)", "{a,b}", "[a-z]", "(1)", "-rf", "--", "-",
		".hidden", "..hidden", "...", "trailing.", "trailing..", "a..b", ".git",
		"CON", "nul.txt", "aux", "COM1.log",
		"caf\u00e9 composed", "cafe\u0301 decomposed", "\ufb01 ligature", "\u65e5\u672c\u8a9e", "\u0440\u0443\u0441",
		"\U0001f600", "\U0001f469\u200d\U0001f467 joined", "\u05d0\u05d1 right to left", "\u200bzero width", "\ufeffbom",
		"\uff5e sorts after \U0001f600 in UTF-8 only", "\ufffd", "\ufffe", "\uffff",
		strings.Repeat("n", 200), strings.Repeat("n", 256), strings.Repeat("\u00e4", 130), strings.Repeat("n", 1100),
	}
}

// accepted ends the test unless err fits what Target.Refuses says of the name,
// and reports whether the store took it.
func (e *env) accepted(name string, err error, what string) bool {
	e.Helper()
	if e.target.Refuses(name) {
		e.wantKind(err, fmt.Sprintf("%s with the name %+q, which Target.Refuses", what, name), vfs.KindInvalid)
		return false
	}
	e.ok(err, "%s with the name %+q, which Target.Refuses does not know", what, name)
	return true
}

// testFileNames has all names in one directory at once: each has its own
// content and is listed exactly as it was given.
func testFileNames(e *env) {
	var want []string
	for _, name := range weirdNames() {
		_, err := store(e.ctx, e.b, path("/files/"+name), vfs.CreateOptions{}, []byte("content of "+name))
		if e.accepted(name, err, "storing a file") {
			want = append(want, name)
		}
	}
	e.wantDir("/files", want...)
	listed := e.list(path("/files"))
	for _, name := range want {
		e.wantFileAmong(listed, path("/files/"+name), []byte("content of "+name))
	}
	for i, name := range want {
		e.ok(e.b.Remove(e.ctx, path("/files/"+name), vfs.TypeFile), "Remove of %+q", name)
		if i%10 == 0 {
			e.wantMissing("/files/" + name)
		}
	}
	if e.caps.KeepsParents {
		e.wantDir("/files")
	}
}

// testDirNames has all names as directories, made and implied.
func testDirNames(e *env) {
	var want []string
	for _, name := range weirdNames() {
		if !e.accepted(name, e.b.Mkdir(e.ctx, path("/made/"+name)), "Mkdir") {
			_, err := store(e.ctx, e.b, path("/implied/"+name+"/file"), vfs.CreateOptions{}, nil)
			e.accepted(name, err, "storing below")
			continue
		}
		want = append(want, name+"/")
		e.put("/implied/"+name+"/file", []byte(name))
	}
	e.wantDir("/made", want...)
	e.wantDir("/implied", want...)
	made, implied := e.list(path("/made")), e.list(path("/implied"))
	for _, name := range want {
		e.wantDirAmong(made, path("/made/"+name))
		e.wantDirAmong(implied, path("/implied/"+name), "file")
		e.wantFile("/implied/"+name+"file", []byte(strings.TrimSuffix(name, "/")))
	}
}

func testRenamedNames(e *env) {
	e.put("/plain", []byte("moved"))
	for _, name := range weirdNames() {
		err := e.b.Rename(e.ctx, path("/plain"), path("/dir/"+name), vfs.RenameOptions{})
		if !e.accepted(name, err, "Rename") {
			e.wantFile("/plain", []byte("moved"))
			continue
		}
		e.wantDir("/dir", name)
		e.wantFile("/dir/"+name, []byte("moved"))
		e.ok(e.b.Rename(e.ctx, path("/dir/"+name), path("/plain"), vfs.RenameOptions{}), "Rename from %+q", name)
	}
}

// testNamesAlike has pairs that some stores take for one name.
func testNamesAlike(e *env) {
	pairs := [][2]string{
		{"Case", "case"},
		{"STRASSE", "strasse"},
		{"\u00c4", "\u00e4"},
		{"caf\u00e9", "cafe\u0301"},
		{"\u1e9b\u0323", "\u1e69"},
		{"\uac00", "\u1100\u1161"},
	}
	for i, pair := range pairs {
		dir := fmt.Sprintf("/pair-%d/", i)
		e.put(dir+pair[0], []byte("first"))
		e.put(dir+pair[1], []byte("second"))
		got := e.names(dir)
		if e.target.Folds && len(got) == 1 {
			content, _, err := load(e.ctx, e.b, path(dir+pair[0]), vfs.OpenOptions{})
			e.ok(err, "reading what two names name")
			e.wantBytes(content, []byte("second"), "what two names name")
			continue
		}
		want := slices.Sorted(slices.Values(pair[:]))
		if !slices.Equal(got, want) {
			e.Fatalf("the files %+q are listed as %+q", want, got)
		}
		e.wantFile(dir+pair[0], []byte("first"))
		e.wantFile(dir+pair[1], []byte("second"))
	}
}

// testPrefixNames: what happens to "a" does not reach "ab".
func testPrefixNames(e *env) {
	for _, name := range []string{"/a/x", "/ab/x", "/a.b", "/a-", "/a b/x", "/abc"} {
		e.put(name, []byte(name))
	}
	e.wantDir("/", "a/", "ab/", "a.b", "a-", "a b/", "abc")
	e.wantDir("/a", "x")
	e.ok(e.b.Remove(e.ctx, path("/a/x"), vfs.TypeFile), "Remove")
	if e.caps.KeepsParents {
		e.ok(e.b.Remove(e.ctx, path("/a"), vfs.TypeDir), "Remove of the directory")
	}
	e.wantDir("/", "ab/", "a.b", "a-", "a b/", "abc")
	e.wantMissing("/a")
	for _, name := range []string{"/ab/x", "/a.b", "/a-", "/a b/x", "/abc"} {
		e.wantFile(name, []byte(name))
	}
}
