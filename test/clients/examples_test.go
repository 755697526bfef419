package clients

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// fence finds the configurations in a Markdown file.
var fence = regexp.MustCompile("(?s)```hcl\n(.*?)```")

// TestExamplesAreValid checks every configuration that we show people.
func TestExamplesAreValid(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program")
	}
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob("../../deploy/*.hcl")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := fence.FindAllSubmatch(readme, -1)
	if len(shown) == 0 {
		t.Error("README.md shows no configuration")
	}
	for i, m := range shown {
		name := filepath.Join(t.TempDir(), fmt.Sprintf("README-%d.hcl", i+1))
		if err := os.WriteFile(name, m[1], 0o600); err != nil {
			t.Fatal(err)
		}
		examples = append(examples, name)
	}
	for _, name := range examples {
		t.Run(filepath.Base(name), func(t *testing.T) {
			if out, err := exec.Command(path, "check", name).CombinedOutput(); err != nil {
				t.Errorf("tidegate check: %v\n%s", err, out)
			}
		})
	}
}
