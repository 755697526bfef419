package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/config"
)

// readEnv reads a file with the text. The problems are "LINE SUMMARY".
func readEnv(t testing.TB, text string) (values map[string]string, problems []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	values, diags := config.ReadEnv(path)
	for _, d := range diags {
		if d.Subject == nil || d.Subject.Filename != path || d.Detail == "" {
			t.Errorf("%v has no place or no detail", d)
		}
		problems = append(problems, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
	}
	return values, problems
}

// The values are those that systemd 254 gives to a unit with the same EnvironmentFile=.
func TestReadEnv(t *testing.T) {
	for name, test := range map[string]struct {
		text     string
		values   map[string]string
		problems []string
	}{
		"empty":                  {"", map[string]string{}, nil},
		"lines":                  {"A=1\nB=2", map[string]string{"A": "1", "B": "2"}, nil},
		"later one counts":       {"A=1\nA=2\n", map[string]string{"A": "2"}, nil},
		"comments":               {"# A=1\n  ; B=2\nC=3 # no comment\n", map[string]string{"C": "3 # no comment"}, nil},
		"white space around":     {" A = \t x  y \t\r\n\n B=z\r\n", map[string]string{"A": "x  y", "B": "z"}, nil},
		"nothing":                {"A=\nB=''\n", map[string]string{"A": "", "B": ""}, nil},
		"equals signs":           {"A=k==\n", map[string]string{"A": "k=="}, nil},
		"dollar":                 {"A=$2b$10$abc\n", map[string]string{"A": "$2b$10$abc"}, nil},
		"dollar in quotes":       {`A="$2b\$10$abc"`, map[string]string{"A": "$2b$10$abc"}, nil},
		"quotes":                 {`A=" x "` + "\nB=' y '\n", map[string]string{"A": " x ", "B": " y "}, nil},
		"quotes after text":      {`A=x"y"'z'`, map[string]string{"A": `x"y"'z'`}, nil},
		"parts":                  {`A="x"'y' z`, map[string]string{"A": "xyz"}, nil},
		"escapes":                {`A=\x\\y\"` + "\n", map[string]string{"A": `x\y"`}, nil},
		"escapes in double":      {`A="\x\\y\"\z"`, map[string]string{"A": `\x\y"\z`}, nil},
		"no escapes in single":   {`A='\x\\'`, map[string]string{"A": `\x\\`}, nil},
		"continued":              {"A=x \\\n  y\nB=1\n", map[string]string{"A": "x   y", "B": "1"}, nil},
		"continued in double":    {"A=\"x\\\ny\"\n", map[string]string{"A": "xy"}, nil},
		"lines in quotes":        {"A='x\ny'\nB=\"1\n2\"\n", map[string]string{"A": "x\ny", "B": "1\n2"}, nil},
		"escaped space":          {"A=x\\ \nB=1", map[string]string{"A": "x ", "B": "1"}, nil},
		"backslash at the end":   {`A=x\`, map[string]string{"A": "x"}, nil},
		"comment with backslash": {"# c \\\nA=1\n", map[string]string{"A": "1"}, nil},
		"letters":                {"A=é€😀\n", map[string]string{"A": "é€😀"}, nil},

		"no assignment": {"A=1\nnothing\nB=2", map[string]string{"A": "1", "B": "2"}, []string{"2 Line is no assignment"}},
		"export":        {"A=1\nexport B=2\n", map[string]string{"A": "1"}, []string{"2 Invalid name of a variable"}},
		"name":          {"1A=1\nA-B=2\n=3\n", map[string]string{}, []string{"1 Invalid name of a variable", "2 Invalid name of a variable", "3 Invalid name of a variable"}},
		"open quote":    {"A=1\nB=\"2\nC=3\n", map[string]string{"A": "1"}, []string{"2 Unclosed quote"}},
		"binary":        {"A=\xff\n", nil, []string{"1 Environment file is no text"}},
		"NUL":           {"A=\x00\n", nil, []string{"1 Environment file is no text"}},
	} {
		t.Run(name, func(t *testing.T) {
			values, problems := readEnv(t, test.text)
			if d := cmp.Diff(test.values, values); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := cmp.Diff(test.problems, problems); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestEnvOf(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for path, text := range map[string]string{first: "A=1\nB=1\n", second: "B=2\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	values, diags := config.EnvOf([]string{first, second})
	if d := cmp.Diff(map[string]string{"A": "1", "B": "2"}, values); d != "" || len(diags) > 0 {
		t.Errorf("%v (-want +got):\n%s", diags, d)
	}
	if _, diags := config.EnvOf([]string{first, filepath.Join(dir, "missing")}); !diags.HasErrors() {
		t.Error("a missing file is no error")
	}
	if err := os.Chmod(first, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, diags := config.EnvOf([]string{first}); len(diags) != 1 || diags[0].Summary != "Every user may read a secret" {
		t.Errorf("a file for everybody: %v", diags)
	}
}

func FuzzReadEnv(f *testing.F) {
	f.Add("A=1\n# c\nB=\"x\\\ny\"'z' w\\ \n")
	f.Add("A='")
	f.Fuzz(func(t *testing.T, text string) {
		values, problems := readEnv(t, text)
		for name, value := range values {
			// A value in single quotes is taken as it is.
			again, _ := readEnv(t, fmt.Sprintf("%s='%s'\n", name, value))
			if !strings.Contains(value, "'") && again[name] != value {
				t.Errorf("%q becomes %q", value, again[name])
			}
		}
		_ = problems
	})
}

// The files in testdata/env have a comment for each problem. systemd takes it for a part of
// the line.
func TestReadEnvExamples(t *testing.T) {
	paths, err := filepath.Glob("testdata/env/*.env")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	comment := regexp.MustCompile(`# (?:ERROR|WARNING): (.*)`)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		line := 0
		for l := range strings.Lines(string(text)) {
			line++
			if m := comment.FindStringSubmatch(l); m != nil {
				want = append(want, fmt.Sprintf("%d %s", line, strings.TrimSpace(m[1])))
			}
		}
		if _, problems := readEnv(t, string(text)); !slices.Equal(want, problems) {
			t.Errorf("%s: %q, want %q", path, problems, want)
		}
	}
}
