package vfstest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// Target is what the suite tests.
type Target struct {
	// New returns a Backend with an empty tree of its own. It
	// registers with t.Cleanup what ends it: Close, and the end of whatever else the test
	// of this backend has started. Once that has run, no goroutine may be left.
	New func(t *testing.T) vfs.Backend

	// BlockSize is the number of bytes at which the store's way of writing or
	// reading changes: a block, a part, a buffer. Files of up to 16 blocks are
	// written, so tests should configure small blocks. 0 means 64 KiB.
	BlockSize int
	// PageSize is the most entries that one page of a listing holds, with all
	// that is read ahead. Directories of up to 4 pages are made. 0 means 100.
	PageSize int

	// Fill, when it is set, makes files of one byte, "x", without the Backend. It makes the
	// many files of large directories, which would take most of the time of a slow store.
	Fill func(t *testing.T, files []vfs.Path)

	// Refuses reports whether the store cannot hold an entry called name and
	// refuses it with KindInvalid. All other names must work. Nil refuses
	// nothing.
	Refuses func(name string) bool
	// Folds says that names which differ only in case or in Unicode
	// normalization are one name here.
	Folds bool

	// Beside says that the tests run in parallel with other tests of the process. Then the
	// suite does not look for leaks, because the goroutines may be those of other tests.
	Beside bool
	// Ambient are parts of the stacks of goroutines which libraries start once
	// for the whole process, and which therefore are no leak: the name of
	// their function.
	Ambient []string

	// leaving is how long goroutines may take to end, 0 for as long as package leak
	// gives them. A test of the suite itself does not wait as long for a goroutine that stays.
	leaving time.Duration
}

// Run runs the suite, each test as a subtest of t.
func Run(t *testing.T, target Target) {
	t.Helper()
	run(t, target, allTests())
}

func allTests() []suiteTest {
	return slices.Concat(
		writeTests(), abortTests(), appendTests(), readTests(), listTests(), nameTests(), statTests(), dirTests(),
		removeTests(), renameTests(), renameDirTests(), copyTests(), timeTests(), cancelTests(), raceTests(), capsTests(),
	)
}

// RunAgain runs a part of the suite that proves each guarantee at least once. It is for a
// further service, or another way to reach a service, if another test runs Run with the same
// Backend. It leaves out tests of what the Backend does without the service, and tests that
// differ from others only in sizes and times.
func RunAgain(t *testing.T, target Target) {
	t.Helper()
	run(t, target, againTests())
}

func againTests() []suiteTest {
	left := leftOut()
	return slices.DeleteFunc(allTests(), func(test suiteTest) bool { return slices.Contains(left, test.name) })
}

func leftOut() []string {
	return []string{
		"G1/write-pieces", "G1/write-keeps-no-buffer", "G1/write-from-reader",
		"G2/abort-keeps-nothing", "G2/abort-keeps-no-parents", "G2/abort-beside-write", "G2/abort-after-commit", "G2/commit-ends-the-writer",
		"G1/append", "G1/append-knows-the-old", "G7/resume-at-wrong-offset",
		"G1/read-in-pieces", "G1/read-to-writer", "G1/read-closed-early",
		"G5/list-stops-early", "G5/list-while-replacing",
		"G1/names-renamed", "G1/names-that-begin-alike",
		"G1/copy-is-its-own", "G1/copy-onto-itself", "G1/copy-time", "G2/copy-canceled", "G4/readers-beside-copies",
		"G7/copy-missing", "G7/copy-of-directory", "G7/copy-onto-directory", "G7/copy-below-file",
		"G1/far-time", "G7/set-time-of-no-file", "G1/set-time-by-a-directory's-path",
		"G6/canceled-before", "G6/deadline-before",
		"G3/many-files-at-once", "G7/rename-directory-onto-something", "G7/rename-directory-below-itself", "G7/rename-want-directory",
	}
}

// RunDirectories runs the part of the suite that depends on how a store
// represents directories. A store with several representations runs Run with
// one of them and RunDirectories with the others: what a file holds does not
// depend on them.
func RunDirectories(t *testing.T, target Target) {
	t.Helper()
	run(t, target, directoryTests())
}

func directoryTests() []suiteTest {
	return slices.Concat(
		listTests(), statTests(), dirTests(), removeTests(), renameTests(), renameDirTests(), timeTests(), capsTests(),
		named(slices.Concat(writeTests(), abortTests(), appendTests(), readTests(), copyTests(), nameTests(), cancelTests(), raceTests()),
			"director", "parents", "below", "root", "mkdir", "listing", "look-alike", "begin-alike", "empty-store", "exclusive", "renames"),
	)
}

// RunMarkers runs the part of RunDirectories that depends only on the form of directory
// markers. It leaves out tests in which files are listed, read or made during other changes.
func RunMarkers(t *testing.T, target Target) {
	t.Helper()
	run(t, target, slices.DeleteFunc(directoryTests(), func(test suiteTest) bool {
		return !strings.Contains(test.name, "mkdir") && slices.ContainsFunc([]string{"while", "beside", "lazy", "one-wins"},
			func(part string) bool { return strings.Contains(test.name, part) })
	}))
}

// named returns the tests whose names have one of parts.
func named(tests []suiteTest, parts ...string) []suiteTest {
	return slices.DeleteFunc(tests, func(test suiteTest) bool {
		return !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(test.name, part) })
	})
}

func run(t *testing.T, target Target, tests []suiteTest) {
	t.Helper()
	target.BlockSize = cmp.Or(target.BlockSize, 64<<10)
	target.PageSize = cmp.Or(target.PageSize, 100)
	if target.Refuses == nil {
		target.Refuses = func(string) bool { return false }
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			switch {
			case target.Beside:
			case target.leaving > 0:
				leak.Within(t, target.leaving, target.Ambient...)
			default:
				leak.Check(t, target.Ambient...)
			}
			b := target.New(t)
			test.run(&env{T: t, b: b, caps: b.Caps(), target: target, ctx: t.Context()})
		})
	}
}

// suiteTest is one test; its name begins with the guarantee that it proves.
type suiteTest struct {
	name string
	run  func(e *env)
}

// env is what one test works with. Its methods end the test when a condition does not
// hold, so that they may be called from the test's goroutine only.
type env struct {
	*testing.T
	b      vfs.Backend
	caps   vfs.Caps
	target Target
	ctx    context.Context
}
