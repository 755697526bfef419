package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// toolCommand is the first argument of this program when go test runs the tools of Go with it.
const toolCommand = "tool"

// keepLinks returns the argument of go test that has this program keep in dir what is linked.
func keepLinks(dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	err = os.MkdirAll(dir, 0o777)
	return "-toolexec=" + strconv.Quote(self) + " " + toolCommand + " " + strconv.Quote(dir), err
}

// tool runs a tool of Go: args are a directory, the tool and its arguments. It keeps the output of
// the linker in the directory, and copies it from there when the same test is linked again: go test
// caches compiled packages, but links each test anew, which took a tenth of the time of all tests.
// It returns the exit status.
func tool(args []string) int {
	dir, args := args[0], args[1:]
	name, output := linkName(args)
	kept := filepath.Join(dir, name)
	if name != "" && copyFile(output, kept) == nil {
		now := time.Now()
		_ = os.Chtimes(kept, now, now) // at worst it is linked again the next time
		return 0
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		if failed, ok := errors.AsType[*exec.ExitError](err); ok && failed.Exited() {
			return failed.ExitCode()
		}
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if name != "" {
		if err := copyFile(kept, output); err != nil {
			fmt.Fprintln(os.Stderr, "gotest: what was linked is not kept:", err)
		}
	}
	return 0
}

// linkName returns a name for what a run of the linker writes, and where it writes that. The name
// follows from -buildid, in which go has the hash of all that is linked, and from the other
// arguments but for the paths of files. It is "" for other tools and runs.
func linkName(args []string) (name, output string) {
	if tool := strings.TrimSuffix(filepath.Base(args[0]), ".exe"); tool != "link" {
		return "", ""
	}
	flags := args[1:max(1, len(args)-1)] // the last one is the file of package main
	hash, identified := sha256.New(), false
	for i := 0; i < len(flags); i++ {
		switch {
		case flags[i] == "-o" && i+1 < len(flags):
			i++
			output = flags[i]
		case flags[i] == "-importcfg":
			i++
		default:
			identified = identified || strings.HasPrefix(flags[i], "-buildid=")
			fmt.Fprintf(hash, "%q", flags[i])
		}
	}
	if !identified || output == "" {
		return "", ""
	}
	return hex.EncodeToString(hash.Sum(nil)), output
}

// copyFile makes the program to of the file from, whole or not at all.
func copyFile(to, from string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // it was only read
	target, err := os.CreateTemp(filepath.Dir(to), "unfinished-")
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	err = errors.Join(err, target.Chmod(0o755), target.Close())
	if err == nil {
		err = os.Rename(target.Name(), to)
	}
	if err != nil {
		_ = os.Remove(target.Name()) // err says what went wrong
	}
	return err
}

// forget removes what was linked before a time, and was not used since.
func forget(dir string, before time.Time) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		info, statErr := e.Info()
		if statErr == nil && info.ModTime().Before(before) {
			statErr = os.Remove(filepath.Join(dir, e.Name()))
		}
		err = errors.Join(err, statErr)
	}
	return err
}
