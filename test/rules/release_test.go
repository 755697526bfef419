package rules

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestVersions compares the places that name the version of the next tag: the changelog
// begins with what is unreleased and then with that version, and so does the Helm chart.
func TestVersions(t *testing.T) {
	find := func(file, pattern string) []string {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(text), -1) {
			found = append(found, m[1])
		}
		return found
	}
	sections := find("CHANGELOG.md", `(?m)^## \[([^\]]+)\]`)
	if len(sections) < 2 || sections[0] != "Unreleased" {
		t.Fatalf("the sections of CHANGELOG.md are %q, want Unreleased and at least one version", sections)
	}
	links := find("CHANGELOG.md", `(?m)^\[([^\]]+)\]: https://`)
	if len(links) != len(sections) {
		t.Errorf("CHANGELOG.md has links for %q, want one for each of %q", links, sections)
	}
	for _, key := range []string{"version", "appVersion"} {
		got := find("deploy/kubernetes/tidegate/Chart.yaml", `(?m)^`+key+`: (\S+)$`)
		if len(got) != 1 || got[0] != sections[1] {
			t.Errorf("the chart has %s %q, CHANGELOG.md %s", key, got, sections[1])
		}
	}
}
