package main

import (
	"flag"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// commandLine finds a command line of the program in a block of a document or between
// backticks, up to what the shell takes for something else.
var commandLine = regexp.MustCompile("(?m)(?:`|^[ #]*|[|;&] +|run: )(?:/usr/bin/)?tidegate +([a-z-][^`|;&>#\n]*)")

// TestDocsCommands checks that every command line of the program in the documentation and
// in the examples has a command and flags that there are.
func TestDocsCommands(t *testing.T) {
	found := 0
	for _, place := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs", "deploy"} {
		err := filepath.WalkDir(filepath.Join("../..", place), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !slices.Contains([]string{".md", ".hcl"}, filepath.Ext(name)) {
				return err
			}
			text, err := os.ReadFile(name)
			for _, m := range commandLine.FindAllStringSubmatch(string(text), -1) {
				found++
				if problem := commandProblem(strings.Fields(m[1])); problem != "" {
					t.Errorf("%s: tidegate %s: %s", name, m[1], problem)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 50 {
		t.Errorf("found %d command lines", found)
	}
}

// commandProblem says what is wrong with a command line, or "".
func commandProblem(words []string) string {
	name := words[0]
	if len(words) > 1 && (name == "user" || slices.ContainsFunc(subCommands(), func(c command) bool { return c.name == name+" "+words[1] })) {
		name, words = name+" "+words[1], words[1:]
	}
	i := slices.IndexFunc(allCommands(), func(c command) bool { return c.name == name })
	if i < 0 {
		return "there is no such command"
	}
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, f := range flagsOf(allCommands()[i]) {
		if takesValue(f) {
			set.String(f.Name, "", "")
		} else {
			set.Bool(f.Name, false, "")
		}
	}
	if err := set.Parse(words[1:]); err != nil {
		return err.Error()
	}
	for _, arg := range set.Args() {
		if strings.HasPrefix(arg, "-") && arg != "-" {
			return "flags come before the arguments: " + arg
		}
	}
	return ""
}

func TestCommandProblem(t *testing.T) {
	for line, want := range map[string]bool{
		"check -here -online PATH": false, "user add -home /x FILE NAME": false, "status -at unix:/x -json": false,
		"chekc PATH": true, "check -hree PATH": true, "check PATH -here": true, "user ad FILE": true, "status -at": true,
	} {
		if got := commandProblem(strings.Fields(line)); (got != "") != want {
			t.Errorf("%s: %q", line, got)
		}
	}
}
