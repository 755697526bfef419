package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLinkName: everything that changes what is linked changes its name, and no path of
// a run does.
func TestLinkName(t *testing.T) {
	link := func(replace ...string) []string {
		line := "/go/pkg/tool/linux_amd64/link -o /tmp/1/x.test -importcfg /tmp/1/importcfg.link -s -w -buildid=a/b/c/a -extld=gcc /tmp/1/_pkg_.a"
		return strings.Fields(strings.NewReplacer(replace...).Replace(line))
	}
	name, output := linkName(link())
	if name == "" || output != "/tmp/1/x.test" {
		t.Fatalf("got %q, %q", name, output)
	}
	if again, output := linkName(link("/tmp/1/", "/tmp/2/")); again != name || output != "/tmp/2/x.test" {
		t.Errorf("elsewhere the name is %q and not %q; it is written to %s", again, name, output)
	}
	for _, change := range [][2]string{{"a/b/c/a", "a/b/d/a"}, {"-w ", ""}} {
		if other, _ := linkName(link(change[0], change[1])); other == name || other == "" {
			t.Errorf("%q: the name is %q, as before", change, other)
		}
	}
	for _, change := range [][2]string{{"/link ", "/compile "}, {"-buildid=a/b/c/a", ""}, {"-o /tmp/1/x.test", "-V=full"}} {
		if other, _ := linkName(link(change[0], change[1])); other != "" {
			t.Errorf("%q: the name is %q, want none", change, other)
		}
	}
}

// TestLinksAreKept: go test links a test once, and again when it has changed; what the last run
// has not used goes.
func TestLinksAreKept(t *testing.T) {
	t.Chdir(t.TempDir())
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module m\n\ngo 1.26\n", 0o600)
	test := func(says string) (kept, events string) {
		t.Helper()
		write("a_test.go", "package m\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) { t.Log(\""+says+"\") }\n", 0o600)
		var out strings.Builder
		if err := run(t.Context(), []string{"-links", "links", "-results", "out", "--", "-count=1", "."}, &out); err != nil {
			t.Fatalf("%v\n%s", err, &out)
		}
		text, err := os.ReadFile(filepath.Join("out", "test.json"))
		if err != nil {
			t.Fatal(err)
		}
		all, err := os.ReadDir("links")
		if err != nil || len(all) != 1 {
			t.Fatalf("%q is kept, %v; want one test", all, err)
		}
		return filepath.Join("links", all[0].Name()), string(text)
	}
	one, events := test("one")
	if !strings.Contains(events, ": one\\n") {
		t.Errorf("the test does not run:\n%s", events)
	}
	two, events := test("two")
	if two == one || !strings.Contains(events, ": two\\n") {
		t.Errorf("the test has changed, %q is kept as before:\n%s", two, events)
	}
	// Another program in its place shows that it is not linked again.
	if err := os.Remove(two); err != nil {
		t.Fatal(err)
	}
	write(two, "#!/bin/sh\necho instead\n", 0o700) //nolint:gosec // it is run
	if _, events := test("two"); !strings.Contains(events, "instead") {
		t.Errorf("what is kept is not used:\n%s", events)
	}
}
