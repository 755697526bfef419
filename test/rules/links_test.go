package rules

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// TestLinks checks that every link of a document to this repository leads to a file and, with
// a fragment, to a heading of it. Links to other sites are not followed.
func TestLinks(t *testing.T) {
	documents := documents(t)
	checked := 0
	for name, text := range documents {
		for _, m := range link.FindAllStringSubmatch(prose(text), -1) {
			target := m[1]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			checked++
			if err := follow(documents, name, target); err != nil {
				t.Errorf("%s: %s: %v", name, target, err)
			}
		}
	}
	if checked < 100 {
		t.Errorf("found %d links: not the documents", checked)
	}
}

// TestEveryPageIsListed keeps docs/README.md the index of docs.
func TestEveryPageIsListed(t *testing.T) {
	documents := documents(t)
	index := documents["docs/README.md"]
	for name := range documents {
		page, ok := strings.CutPrefix(name, "docs/")
		if ok && page != "README.md" && !strings.Contains(page, "/") && !strings.Contains(index, "]("+page+")") {
			t.Errorf("docs/README.md does not list %s", page)
		}
	}
}

var (
	// link finds the target of a link or of an image.
	link = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	// heading finds the text of a heading.
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *$`)
	// fenced and code find what is no text: code in blocks and in lines.
	fenced = regexp.MustCompile("(?ms)^ *```.*?^ *```[^\n]*$")
	code   = regexp.MustCompile("`[^`\n]*`")
)

// prose returns a document without its code.
func prose(text string) string { return code.ReplaceAllString(fenced.ReplaceAllString(text, ""), "") }

// documents returns all Markdown files of the repository by their paths from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != root && base != ".github" && (strings.HasPrefix(base, ".") || base == "node_modules" || base == "dist") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(base, ".md") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		all[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// follow returns why a link of a document leads nowhere.
func follow(documents map[string]string, from, target string) error {
	path, fragment, _ := strings.Cut(target, "#")
	name := from
	if path != "" {
		name = filepath.ToSlash(filepath.Join(filepath.Dir(from), path))
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			return fmt.Errorf("there is no file %s", name)
		}
	}
	if fragment == "" {
		return nil
	}
	text, ok := documents[name]
	if !ok {
		return fmt.Errorf("%s has no headings", name)
	}
	if !anchors(text)[fragment] {
		return fmt.Errorf("%s has no heading #%s", name, fragment)
	}
	return nil
}

// anchors returns the fragments of a document's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	all := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		title := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(m[1], "$1")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			default:
				return -1
			}
		}, title)
		name := anchor
		for n := 1; all[name]; n++ {
			name = fmt.Sprintf("%s-%d", anchor, n)
		}
		all[name] = true
	}
	return all
}
