package azurite

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// Install is the command that installs Azurite for all users, once Node.js is installed. Later
// versions need a later Node.js.
const Install = "npm install --global azurite@3.35.0"

// ErrNotInstalled is the error of [Find] when there is no Azurite, or no Node.js. It says how
// to install them.
var ErrNotInstalled = errors.New("azurite is not installed: install Node.js 18 or newer with npm, then: " + Install)

// script is the program of a service, in the directory of the package.
func script(dir string, s Service) string {
	return filepath.Join(dir, "dist", "src", string(s), "main.js")
}

// isPackage reports whether a directory is that of the package azurite.
func isPackage(dir string) bool {
	_, err := os.Stat(script(dir, Blob))
	return err == nil
}

// Find returns the directory of the npm package azurite: that of the program azurite-blob in
// the PATH, or of node_modules in the working directory or above it.
func Find() (string, error) {
	if _, err := exec.LookPath("node"); err != nil {
		return "", ErrNotInstalled
	}
	if program, err := exec.LookPath("azurite-blob"); err == nil {
		if dir := packageOf(program); dir != "" {
			return dir, nil
		}
	}
	if dir := above(); dir != "" {
		return dir, nil
	}
	return "", ErrNotInstalled
}

// packageOf returns the directory of the package that a program belongs to, "" when it
// belongs to none. npm links to the script, and writes a program of its own on Windows.
func packageOf(program string) string {
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	dir := filepath.Dir(program)
	for _, candidate := range []string{
		filepath.Join(dir, "..", "..", ".."),          // of dist/src/blob
		filepath.Join(dir, "node_modules", "azurite"), // installed for all users
		filepath.Join(dir, "..", "azurite"),           // of node_modules/.bin
	} {
		if isPackage(candidate) {
			return candidate
		}
	}
	return ""
}

// above looks in node_modules of the working directory and of those above it.
func above() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if candidate := filepath.Join(dir, "node_modules", "azurite"); isPackage(candidate) {
			return candidate
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
