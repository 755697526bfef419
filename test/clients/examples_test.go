package clients

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

// fence finds the configurations in a Markdown file.
var fence = regexp.MustCompile("(?s)```hcl\n(.*?)```")

// TestExamplesAreValid checks every configuration in documents and examples.
func TestExamplesAreValid(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program")
	}
	var examples []string
	err := filepath.WalkDir("../../deploy", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && filepath.Base(filepath.Dir(name)) == "examples" {
			examples = append(examples, name) // one configuration in several files
			return fs.SkipDir
		}
		if filepath.Base(filepath.Dir(name)) == "packages" && strings.HasSuffix(name, ".hcl") {
			name = uncommented(t, name)
		}
		if strings.HasSuffix(name, ".terraform.lock.hcl") || strings.HasSuffix(name, ".tftest.hcl") {
			return nil // these are Terraform's
		}
		if strings.HasSuffix(name, ".hcl") {
			examples = append(examples, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, page := range []string{"README.md", "docs/tenants.md", "docs/migrate.md"} {
		text, err := os.ReadFile(filepath.Join("../..", page))
		if err != nil {
			t.Fatal(err)
		}
		shown := fence.FindAllSubmatch(text, -1)
		if len(shown) == 0 {
			t.Errorf("%s shows no configuration", page)
		}
		for i, m := range shown {
			name := filepath.Join(t.TempDir(), fmt.Sprintf("%s-%d.hcl", filepath.Base(page), i+1))
			if err := os.WriteFile(name, m[1], 0o600); err != nil {
				t.Fatal(err)
			}
			examples = append(examples, name)
		}
	}
	for _, name := range examples {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			path, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			cmd := launch.Command(t, "check", path)
			cmd.Env = append(cmd.Env, environment(t, name)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("tidegate check: %v\n%s", err, out)
			}
		})
	}
}

// uncommented returns the file as somebody edits it whose package has installed it: the
// example in it is no comment any more, and has a hash.
func uncommented(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	edited := regexp.MustCompile(`(?m)^#(\S|  \S|    \S|$)`).ReplaceAllString(string(text), "$1")
	edited = strings.Replace(edited, "$argon2id$...", launch.Hash(t, password), 1)
	to := filepath.Join(t.TempDir(), filepath.Base(name))
	if err := os.WriteFile(to, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
	return to
}

// variable finds what an example takes from the environment.
var variable = regexp.MustCompile(`env\("([^"]*)"\)`)

// environment returns values for all variables that an example uses.
func environment(t *testing.T, name string) []string {
	t.Helper()
	var text []byte
	err := filepath.WalkDir(name, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".hcl") || d.IsDir() {
			return err
		}
		more, err := os.ReadFile(name)
		text = append(text, more...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var env []string
	for _, m := range variable.FindAllSubmatch(text, -1) {
		name, value := string(m[1]), "c2VjcmV0" // base64, as keys are
		switch {
		case strings.HasSuffix(name, "_HASH"):
			value = launch.Hash(t, password)
		case strings.HasSuffix(name, "_SECRET"): // of a webhook
			value = "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, 32))
		case strings.HasSuffix(name, "_INDEX"):
			value = "0"
		case strings.HasSuffix(name, "_ACCOUNT"), strings.HasSuffix(name, "_CONTAINER"):
			value = "ingest"
		case strings.HasSuffix(name, "_CONTROL_PORT"):
			value = "21"
		case strings.HasSuffix(name, "_PASSIVE_PORT"):
			value = "30000"
		}
		env = append(env, name+"="+value)
	}
	return env
}
