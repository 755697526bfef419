package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// hclBlock finds the configurations in a document.
var hclBlock = regexp.MustCompile("(?s)\n```hcl\n(.*?)```")

// TestDocsFragments checks that the parts of configurations in the documentation have only
// blocks and arguments that there are. Values are not looked at, and what they leave out may be
// missing: an ellipsis stands for anything. Whole configurations are checked elsewhere.
func TestDocsFragments(t *testing.T) {
	var pages []string
	for _, pattern := range []string{"../../docs/*.md", "../../docs/*/*.md", "../../deploy/*/README.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, found...)
	}
	checked := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range hclBlock.FindAllSubmatch(text, -1) {
			checked++
			for _, problem := range fragmentProblems(string(m[1])) {
				t.Errorf("%s: %s\n%s", page, problem, m[1])
			}
		}
	}
	if checked < 20 {
		t.Errorf("found %d parts of configurations", checked)
	}
}

// fragmentProblems returns what is wrong with a part of a configuration, whatever is
// missing around it.
func fragmentProblems(text string) (problems []string) {
	text = strings.ReplaceAll(text, "…", "")
	if inTenant := regexp.MustCompile(`^(mount|user|limits) `); inTenant.MatchString(text) {
		text = "tenant \"t\" {\n" + text + "}\n"
	}
	_, diags := config.Load([]config.Source{{Name: "part.hcl", Bytes: []byte(text)}}, gateway.Registry(), hostmemory.Limit{})
	for _, d := range diags {
		if slices.Contains([]string{"Unsupported argument", "Unsupported block type"}, d.Summary) {
			problems = append(problems, d.Summary+": "+d.Detail)
		}
	}
	return problems
}

func TestFragmentProblems(t *testing.T) {
	for text, want := range map[string]bool{
		"log {\n  level = \"info\"\n}\n": false, "user \"a\" {\n  …\n  home = \"/x\"\n}\n": false,
		"log {\n  lvl = \"info\"\n}\n": true, "user \"a\" {\n  hoem = \"/x\"\n}\n": true, "frontend \"ftp\" \"a\" {\n  tsl {}\n}\n": true,
	} {
		if got := fragmentProblems(text); (len(got) > 0) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
