package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCompletion asks the shells themselves.
func TestCompletion(t *testing.T) {
	dir := t.TempDir()
	scripts := map[string]string{}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		status, script, stderr := tidegate(t, "", "completion", shell)
		if status != exitOK {
			t.Fatalf("%s: exit status %d: %s", shell, status, stderr)
		}
		scripts[shell] = filepath.Join(dir, shell)
		if err := os.WriteFile(scripts[shell], []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ line, want string }{
		{"tidegate ch", "check"},
		{"tidegate check -onl", "-online"},
		{"tidegate user dis", "disable"},
		{"tidegate user add -ho", "-home"},
		{"tidegate completion f", "fish"},
		{"tidegate serve -log-l", "-log-level"},
		{"tidegate help ser", "serve"},
	}
	t.Run("bash", func(t *testing.T) {
		shell := find(t, "bash")
		for _, test := range tests {
			words := strings.Fields(test.line)
			got := ask(t, shell, "-c", `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tidegate; printf '%s\n' "${COMPREPLY[@]}"`,
				append([]string{"bash", scripts["bash"]}, words...)...)
			if !slices.Contains(got, test.want) {
				t.Errorf("%s: %q, want %s", test.line, got, test.want)
			}
		}
	})
	t.Run("fish", func(t *testing.T) {
		shell := find(t, "fish")
		for _, test := range tests {
			got := ask(t, shell, "-c", "source $argv[1]; complete -C $argv[2]", scripts["fish"], test.line)
			if !slices.ContainsFunc(got, func(line string) bool {
				word, _, _ := strings.Cut(line, "\t")
				return word == test.want
			}) {
				t.Errorf("%s: %q, want %s", test.line, got, test.want)
			}
		}
	})
	t.Run("zsh", func(t *testing.T) {
		shell := find(t, "zsh")
		// _describe gets the name of an array with "word:what it means".
		for _, test := range tests {
			got := ask(t, shell, "-fc", `compdef() { }; _describe() { print -l -- ${(P)2} }; _files() { }
				source $1; shift; words=("$@"); CURRENT=$#; _tidegate`, append([]string{"zsh", scripts["zsh"]}, strings.Fields(test.line)...)...)
			if !slices.ContainsFunc(got, func(line string) bool {
				word, _, _ := strings.Cut(line, ":")
				return word == test.want
			}) {
				t.Errorf("%s: %q, want %s", test.line, got, test.want)
			}
		}
	})
	if status, _, stderr := tidegate(t, "", "completion", "fis"); status != exitUsage || !strings.Contains(stderr, `did you mean "fish"?`) {
		t.Errorf("fis: exit status %d: %s", status, stderr)
	}
}

// TestManual has man format the page, and wants no warning and every command.
func TestManual(t *testing.T) {
	program := find(t, "man")
	status, page, _ := tidegate(t, "", "man")
	if status != exitOK {
		t.Fatalf("exit status %d", status)
	}
	file := filepath.Join(t.TempDir(), "tidegate.8")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, "--warnings", "-l", file)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MANWIDTH=100", "MAN_KEEP_FORMATTING=")
	var warnings strings.Builder
	c.Stderr = &warnings
	text, err := c.Output()
	if err != nil || warnings.Len() > 0 {
		t.Errorf("%v: %s", err, warnings.String())
	}
	for _, command := range allCommands() {
		if !strings.Contains(string(text), "tidegate "+command.name) {
			t.Errorf("the page has no %s", command.name)
		}
	}
	if !strings.Contains(string(text), "-env-file file") {
		t.Error("the page has no flag -env-file with its value")
	}
}

// find returns the path of a program, without which the test is skipped.
func find(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skip(err)
	}
	return path
}

// ask returns the lines that a shell prints.
func ask(t *testing.T, shell, flag, script string, args ...string) []string {
	t.Helper()
	c := exec.Command(shell, append([]string{flag, script}, args...)...)
	c.Env = append(os.Environ(), "HOME="+t.TempDir())
	text, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", shell, err, text)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}
