package frontendtest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

// RunTargets proves one property for any text that a client sends as the target of an
// upload or a rename. Either the operation succeeds: then exactly this name holds exactly
// the content, and nothing else has changed. Or the operation is refused: then nothing
// has changed. RunTargets is not a part of Run, because it should run over several
// stores, but not over each way to log in.
func RunTargets(t *testing.T, target Target) {
	t.Helper()
	s := serve(t, target, setup{users: func(b vfs.Backend) []user {
		return []user{{home: targetsHome, mounts: []vfs.Mount{
			{Backend: b}, {Backend: b, At: vfs.MustParse(targetsMount), Root: vfs.MustParse(targetsMounted)},
		}}}
	}})
	texts := slices.Concat(places(endings()), odd("/", "", "/full/"), deep(500), randomTargets(60))
	switch {
	case target.Names: // and one place of each kind, which shows that they are where they are meant to be
		texts = slices.Concat([]string{"x", "/file", "/full", "/full/inner", "/none/deep/x", "/file/below", "/mount/new"}, odd("/none/"), deep(20))
	case target.Slow: // a Path has no ending
		texts = slices.Concat(places([]string{""}), odd("/none/"), deep(20))
	case target.Small:
		texts = slices.Concat(places([]string{"", "/", "/."}), odd("/none/"), deep(20), randomTargets(10))
	}
	isOdd := map[string]bool{}
	for _, text := range odd("/none/") {
		isOdd[text] = true
	}
	r := &targetsRun{Server: s, all: s, c: s.login()}
	r.reset(tree{})
	for _, text := range texts {
		if strings.ContainsAny(text, target.Unsayable) {
			continue
		}
		t.Run(fmt.Sprintf("%.40q", text), func(t *testing.T) {
			inner := *r
			inner.Server = s.in(t)
			for _, test := range attacks() {
				// The files of a directory that is renamed get names as one file does.
				if isOdd[text] && (target.Slow && !test.names || target.Names && test.name == "rename of a directory") {
					continue
				}
				inner.try(text, test)
			}
			r.c = inner.c
		})
	}
}

// The user's tree has a mount beside the root, and a home that no store holds.
const (
	targetsHome    = "/home/ann"
	targetsMount   = "/mount"
	targetsMounted = "/other"
)

// seeded is what the store holds before each attempt.
func seeded() tree {
	return tree{
		"/file": "the content of file", "/src": "the source",
		"/empty/": "", "/full/": "", "/full/inner": "inner", "/full/sub/": "", "/full/sub/deep": "deep",
		"/srcdir/": "", "/srcdir/a": "a", "/srcdir/e/": "",
		"/other/": "", "/other/file": "mounted", "/other/dir/": "", "/other/dir/x": "x",
	}
}

// attack is one way to give something a name.
type attack struct {
	name string
	// names is true if the store handles the name in another way than for an upload. The
	// other attacks differ from an upload only in the content.
	names bool
	do    func(c Client, text string, old string) error
	// want returns the tree after it was done at the place at, where old was; nil
	// when it can only be refused.
	want func(before tree, at, old string) tree
}

const targetsData = "what was sent"

// attacks returns all ways to give something a name. What they want is a file for
// uploads and renames of a file.
func attacks() []attack {
	upload := func(o func(old string) CreateOptions) func(c Client, text, old string) error {
		return func(c Client, text, old string) error { return put(c, text, []byte(targetsData), o(old)) }
	}
	file := func(content func(old string) string) func(tree, string, string) tree {
		return func(before tree, at, old string) tree { return before.with(at, content(old)) }
	}
	rename := func(from string) func(c Client, text, _ string) error {
		return func(c Client, text, _ string) error { return c.Rename(from, text) }
	}
	return []attack{
		{"upload", true, upload(func(string) CreateOptions { return CreateOptions{} }), file(func(string) string { return targetsData })},
		{"append", false, upload(func(string) CreateOptions { return CreateOptions{Append: true} }), file(func(old string) string { return old + targetsData })},
		{"resume", false, upload(func(old string) CreateOptions { return CreateOptions{Offset: max(1, int64(len(old)))} }), file(func(old string) string { return old + targetsData })},
		{"resume elsewhere", false, upload(func(old string) CreateOptions { return CreateOptions{Offset: int64(len(old)) + 3} }), func(tree, string, string) tree { return nil }},
		{"rename of a file", true, rename("/src"), func(before tree, at, _ string) tree {
			if _, there := before[at+"/"]; there {
				return nil
			}
			return before.without("/src").with(at, before["/src"])
		}},
		{"rename of a directory", true, rename("/srcdir"), func(before tree, at, _ string) tree {
			if before.holds(at) {
				return nil
			}
			after := before.without("/srcdir").with(at+"/", "")
			for name, content := range before {
				if rest, below := strings.CutPrefix(name, "/srcdir/"); below {
					after[at+"/"+rest] = content
				}
			}
			return after
		}},
	}
}

// targetsRun is a run over all texts in one session.
type targetsRun struct {
	*Server
	// all is the Server of the whole run, whose sessions outlive one text.
	all *Server
	c   Client
}

// try does one attack on one text and looks at everything before and after.
func (r *targetsRun) try(text string, a attack) {
	r.Helper()
	before := seeded()
	at := storedAt(text)
	old := before[at]
	err := a.do(r.c, text, old)
	after := r.look()
	if a.name == "upload" && r.target.Tree != nil {
		// Once for each text: that Tree and Backend agree.
		if diff := after.differs(r.tree()); diff != "" {
			r.Errorf("%s: the Backend shows it otherwise: %s", a.name, diff)
		}
	}
	switch {
	case err == nil:
		want := a.want(before, at, old)
		switch {
		case want == nil || vfs.NamesDir(text) && a.name != "rename of a directory":
			r.Errorf("%s: done, must be refused", a.name)
		case want.differs(after) != "":
			r.Errorf("%s: done, but %s", a.name, want.differs(after))
		}
	case isRefusal(err):
		if diff := before.differs(after); diff != "" {
			r.Errorf("%s: refused (%v), but %s", a.name, err, diff)
		}
	default:
		r.Errorf("%s: neither done nor refused: %v", a.name, err)
		// What cannot be said ends no session, so this is one failure, not many.
		r.c.Close()
		r.c = r.all.login()
	}
	r.reset(after)
}

// look reads the whole store, past its Backend where there is a way.
func (r *targetsRun) look() tree {
	r.Helper()
	if r.target.Tree == nil {
		return r.tree()
	}
	all, err := r.target.Tree(context.WithoutCancel(r.Context()))
	r.ok(err, "store: read all")
	return all
}

// storedAt returns where in the store a text leads, worked out apart from package
// vfs.
func storedAt(text string) string {
	if !strings.HasPrefix(text, "/") {
		text = targetsHome + "/" + text
	}
	var at []string
	for element := range strings.SplitSeq(text, "/") {
		switch element {
		case "", ".":
		case "..":
			at = at[:max(0, len(at)-1)]
		default:
			at = append(at, element)
		}
	}
	if len(at) > 0 && "/"+at[0] == targetsMount {
		at[0] = strings.TrimPrefix(targetsMounted, "/")
	}
	return "/" + strings.Join(at, "/")
}

// with returns the tree with one more entry, and the directories that it is in.
func (t tree) with(name, content string) tree {
	c := maps.Clone(t)
	c[name] = content
	dir := strings.TrimSuffix(name, "/")
	for {
		dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
		if dir == "" {
			return c
		}
		c[dir+"/"] = ""
	}
}

// without returns the tree without a file, or a directory and what it holds.
func (t tree) without(name string) tree {
	c := maps.Clone(t)
	maps.DeleteFunc(c, func(n, _ string) bool { return n == name || strings.HasPrefix(n, name+"/") })
	return c
}

// holds reports whether a file or a directory is there.
func (t tree) holds(name string) bool {
	_, file := t[name]
	_, dir := t[name+"/"]
	return file || dir
}

// gone reports whether nothing of that type was there.
func gone(err error) bool {
	k := vfs.KindOf(err)
	return k == vfs.KindNotExist || k == vfs.KindNotDir
}

// reset makes what the store holds the seeded tree again, past the server.
func (r *targetsRun) reset(now tree) {
	r.Helper()
	ctx := r.Context()
	want := seeded()
	if want.differs(now) == "" {
		return
	}
	// What lies below comes first.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(now))) {
		if content, stays := want[name]; stays && content == now[name] {
			continue
		}
		typ := vfs.TypeFile
		if strings.HasSuffix(name, "/") {
			typ = vfs.TypeDir
		}
		// A directory may have gone with its last entry.
		if err := r.store.Backend.Backend.Remove(ctx, vfs.MustParse(name), typ); err != nil && !gone(err) {
			r.Fatalf("store: remove %q: %v", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		content, there := now[name]
		dir := strings.HasSuffix(name, "/")
		switch {
		case dir:
			if err := r.store.Backend.Backend.Mkdir(ctx, vfs.MustParse(name)); err != nil && vfs.KindOf(err) != vfs.KindExist {
				r.Fatalf("store: mkdir %q: %v", name, err)
			}
		case !there || content != want[name]:
			r.StoreFile(name, []byte(want[name]), noTime())
		}
	}
	if diff := want.differs(r.look()); diff != "" {
		r.Fatalf("the store cannot be reset: %s", diff)
	}
}

// places are texts that lead to each kind of place, with these endings.
func places(endings []string) []string {
	all := []string{"", ".", "..", "/", "//", "/.", "/..", "./", "../", "../..", "../../file", "x", "./x", "../x", "../ann", "../ann/x"}
	for _, place := range []string{
		"/file", "/empty", "/full", "/full/inner", "/full/sub", "/none", "/none/deep/x", "/file/below", "/file/below/deep",
		"/src", "/src/below", "/srcdir", "/srcdir/a", "/srcdir/new", "/mount", "/mount/file", "/mount/dir", "/mount/new", "/mount/new/x",
		"/other", "/other/file", "/home", "/home/ann", "/home/ann/x", "/home/bob",
	} {
		for _, end := range endings {
			all = append(all, place+end)
		}
	}
	return all
}

func endings() []string { return []string{"", "/", "//", "/.", "/..", "/../x", "/./"} }

// odd are names that something on the way might take for something else, behind
// each of these directories.
func odd(dirs ...string) []string {
	var all []string
	for _, name := range oddNames() {
		for _, dir := range dirs {
			all = append(all, dir+name)
		}
	}
	return append(all, "/a\xff/../x", "/"+strings.Repeat("a/../", 700)+"x", "/"+strings.Repeat("n", 5000))
}

// deep is a name in directories of that depth. A store that is asked for each of them
// takes its time: to try and to reset one is as many requests as there are levels,
// for each attack.
func deep(levels int) []string { return []string{"/" + strings.Repeat("a/", levels) + "x"} }

func oddNames() []string {
	return []string{
		"\xff", "a\xffb", "\xff\xff", "\xff\xf4", "\xc3", "\xe9", "\xed\xa0\x80", "\xc0\xaf", "\xfe", // no UTF-8, and what Telnet knows
		" ", "  ", " a", "a ", "a  b", "\u00a0", "a\u3000", "-", "--", "-la", "-rf x", "- a",
		"a\x00b", "a\x01", "\x1b[2J", "a\tb", "a\x7f", "a\nb", "a\rb", "\u0085", "\u009b2J", "a\u200eb", "\u202eabc", "\u2066x", "\u061c", "\u2028", "\ufeffx",
		"e\u0301", "\u00e9", "\ufb01", "\U0001f600", "\ufffd", "\ufffe", "\uffff",
		"%", "%2f", "%2e%2e", "a%00", "%ff", "100%", "?", "*", "a*", "[", "[a-z]", "{a,b}", `\`, `..\x`, `a\b`, `\x`, "~", "~root", "$HOME", "`id`", "#", "a#b",
		"a;b=c", "type=file; x", `"`, `""`, `a"b`, "'", "a|b", "a:b", "C:", "<", ">", "&amp;", "a.", "a..", "...", "....", ".a", "..a", "CON", "nul.txt",
		".tidegate-x", ".TIDEGATE-x", "20200101000000 x", "x 0 5",
		strings.Repeat("n", 255), strings.Repeat("n", 256), strings.Repeat("ü", 128), strings.Repeat("n", 1100),
	}
}

// randomTargets puts texts together of what the directed ones are made of. They are
// the same in every run.
func randomTargets(n int) []string {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret
	parts := slices.Concat([]string{
		"file", "empty", "full", "inner", "sub", "mount", "other", "dir", "home", "ann", "src", "srcdir", "none", ".", "..", "", "new",
		"file", "full", "mount", ".", "..", "",
	}, oddNames()[:60])
	var all []string
	for range n {
		text := ""
		if random.IntN(3) > 0 {
			text = "/"
		}
		for range 1 + random.IntN(5) {
			text += parts[random.IntN(len(parts))]
			if random.IntN(4) > 0 {
				text += "/"
			}
		}
		all = append(all, text)
	}
	return all
}
