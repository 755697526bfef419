package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// The bounds of a directory with a configuration. More is a mistake, such as the path of a
// whole disk.
const (
	maxDepth = 16
	maxFiles = 10_000
)

// readDirectory reads the *.hcl files in a directory and in those below it.
//
// Kubernetes mounts a volume as symbolic links to the hidden link "..data", which it
// replaces when the volume changes. If that happens meanwhile, the files are read again, at
// most three times, so that all are of one version.
func readDirectory(path string) (sources []Source, diags hcl.Diagnostics) {
	untilUnchanged(filepath.Join(path, "..data"), func() { sources, diags = readTree(path) })
	return sources, diags
}

// untilUnchanged calls read, and again, at most three times, when a link has got another
// target meanwhile.
func untilUnchanged(link string, read func()) {
	for again := 3; again >= 0; again-- {
		before, _ := os.Readlink(link) // there is none outside of Kubernetes
		read()
		if after, _ := os.Readlink(link); after == before {
			return
		}
	}
}

func readTree(path string) ([]Source, hcl.Diagnostics) {
	t := tree{seen: map[string]bool{}}
	t.walk(path, 0)
	if len(t.names) == 0 && !t.diags.HasErrors() {
		return nil, hcl.Diagnostics{Problem(whole(path), "No configuration", "The directory holds no *.hcl file.")}
	}
	sources, diags := readAll(t.names)
	for i := range sources {
		sources[i].Dir = path
	}
	return sources, append(t.diags, diags...)
}

// tree collects the names of the files of a configuration.
type tree struct {
	names []string
	// seen are the real paths of the files and directories so far: links must not lead to
	// one twice.
	seen  map[string]bool
	diags hcl.Diagnostics
}

// walk visits a directory. Hidden files and directories are left out.
func (t *tree) walk(dir string, depth int) {
	if !t.first(dir) {
		return
	}
	entries, err := os.ReadDir(dir)
	if err == nil && depth > maxDepth {
		err = fmt.Errorf("%s is more than %d directories deep", dir, maxDepth)
	}
	if err != nil {
		t.diags = append(t.diags, unreadable(dir, err)...)
		return
	}
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), ".") || e.Name() == "lost+found" {
			continue
		}
		info, err := os.Stat(name)
		switch {
		case err == nil && info.IsDir():
			t.walk(name, depth+1)
		case !strings.HasSuffix(name, ".hcl") || err == nil && !t.first(name):
		case len(t.names) < maxFiles:
			t.names = append(t.names, name)
		case !t.diags.HasErrors():
			t.diags = append(t.diags, unreadable(dir, fmt.Errorf("there are more than %d files", maxFiles))...)
		}
	}
}

// first reports whether a file or a directory has not been visited before.
func (t *tree) first(name string) bool {
	path, err := filepath.EvalSymlinks(name)
	if err != nil {
		return true // reading it reports the reason
	}
	old := t.seen[path]
	t.seen[path] = true
	return !old
}
