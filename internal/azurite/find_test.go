package azurite

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Users get the version that the tests use.
func TestInstallTheTestedVersion(t *testing.T) {
	text, err := os.ReadFile("../../test/azurite/package.json")
	_, version, _ := strings.Cut(Install, "azurite@")
	if err != nil || !strings.Contains(string(text), `"azurite": "`+version+`"`) {
		t.Errorf("%v, the tests use not %s:\n%s", err, Install, text)
	}
}

// install makes the files of the package in a directory that looks like node_modules, and
// returns that of the package.
func install(t *testing.T, modules string) string {
	t.Helper()
	dir := filepath.Join(modules, "azurite")
	file := script(dir, Blob)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// same reports whether two paths are those of one directory.
func same(t *testing.T, a, b string) bool {
	t.Helper()
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

func TestFind(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("makes links as npm does on Unix")
	}
	root := t.TempDir()
	bin := filepath.Join(root, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "node"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(root, "project", "below")
	if err := os.MkdirAll(work, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(work)
	t.Setenv("PATH", t.TempDir())
	if _, err := Find(); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("without Node.js: %v", err)
	}
	t.Setenv("PATH", bin)
	if _, err := Find(); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("without Azurite: %v", err)
	}
	local := install(t, filepath.Join(root, "project", "node_modules"))
	if got, err := Find(); err != nil || !same(t, got, local) {
		t.Errorf("in the project: %s, %v, want %s", got, err, local)
	}
	global := install(t, filepath.Join(root, "lib", "node_modules"))
	if err := os.Symlink(script(global, Blob), filepath.Join(bin, "azurite-blob")); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(); err != nil || !same(t, got, global) {
		t.Errorf("in the PATH: %s, %v, want %s", got, err, global)
	}
}

// npm links to a program on Unix, and writes one beside node_modules on Windows.
func TestPackageOf(t *testing.T) {
	root := t.TempDir()
	dir := install(t, filepath.Join(root, "node_modules"))
	bin := filepath.Join(root, "node_modules", ".bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, program := range []string{filepath.Join(root, "azurite-blob.cmd"), filepath.Join(bin, "azurite-blob.cmd")} {
		if err := os.WriteFile(program, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		if got := packageOf(program); !same(t, got, dir) {
			t.Errorf("%s: %q, want %s", program, got, dir)
		}
	}
	if got := packageOf(filepath.Join(t.TempDir(), "azurite-blob")); got != "" {
		t.Errorf("of no package: %s", got)
	}
}
