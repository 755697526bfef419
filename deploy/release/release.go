package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// release is one run for one commit.
type release struct {
	// root is the repository, out where the results go, work where programs and texts are
	// made that packages and archives contain. All are absolute.
	root, out, work string
	version         version
	kinds           []string
	// toolchain is the version of Go that go.mod names, so that every machine makes the same.
	toolchain string
	// time is that of the commit.
	time time.Time
}

var toolchain = regexp.MustCompile(`(?m)^toolchain (\S+)$`)

// newRelease reads the commit and makes the directories. named is the version, "" for that
// of the commit.
func newRelease(ctx context.Context, root, out string, named version) (*release, error) {
	r := &release{}
	for path, absolute := range map[string]*string{root: &r.root, out: &r.out} {
		var err error
		if *absolute, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}
	module, err := os.ReadFile(filepath.Join(r.root, "go.mod"))
	if err != nil {
		return nil, err
	}
	if m := toolchain.FindSubmatch(module); m != nil {
		r.toolchain = string(m[1])
	} else {
		return nil, errors.New("go.mod names no toolchain")
	}
	described, err := r.output(ctx, "git", "describe", "--tags", "--match", "v[0-9]*", "--always", "--dirty")
	if err != nil {
		return nil, err
	}
	committed, err := r.output(ctx, "git", "show", "-s", "--format=%ct %h", "HEAD")
	if err != nil {
		return nil, err
	}
	stamp, hash, _ := strings.Cut(committed, " ")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("time of the commit: %w", err)
	}
	r.time = time.Unix(seconds, 0).UTC()
	r.version = cmp.Or(named, versionOf(described, hash, r.time))
	if err := os.RemoveAll(r.out); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil { //nolint:gosec // for everybody to read
		return nil, err
	}
	if r.work, err = os.MkdirTemp("", "tidegate-release-"); err != nil {
		return nil, err
	}
	return r, os.Chdir(r.root) // the paths in nfpm.yaml begin there
}

func (r *release) close() { _ = os.RemoveAll(r.work) }

// make makes the files of all platforms.
func (r *release) make(ctx context.Context, wanted []platform) error {
	fmt.Println("version", r.version, "of", r.time.Format(time.RFC3339))
	if err := r.texts(ctx); err != nil {
		return err
	}
	var images []built
	for _, p := range wanted {
		b, err := r.build(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
		for kind, write := range map[string]func() error{
			"archive":   func() error { return r.archive(b) },
			"materials": func() error { return r.materials(ctx, b) },
		} {
			if err := r.write(kind, write); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
		if p.os != "linux" {
			continue
		}
		images = append(images, b)
		for _, format := range []string{"deb", "rpm"} {
			if err := r.write(format, func() error { return r.pack(b, format) }); err != nil {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
	}
	if len(images) > 0 {
		if err := r.write("image", func() error { return r.images(images) }); err != nil {
			return err
		}
	}
	return r.sums()
}

// write makes a result of a kind that is wanted.
func (r *release) write(kind string, make func() error) error {
	if !slices.Contains(r.kinds, kind) {
		return nil
	}
	if err := make(); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	return nil
}

// file returns the path of a result.
func (r *release) file(format string, args ...any) string {
	return filepath.Join(r.out, "tidegate_"+r.version.file()+fmt.Sprintf(format, args...))
}

// output runs a program in the repository and returns what it prints.
func (r *release) output(ctx context.Context, name string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Stderr = r.root, os.Stderr
	text, err := c.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(text)), nil
}

// run runs a program in dir with further variables of the environment.
func (r *release) run(ctx context.Context, dir string, environment []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir, c.Stdout, c.Stderr = dir, os.Stdout, os.Stderr
	c.Env = slices.Concat(os.Environ(), environment)
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}
