package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/replacefile"
)

const fmtDetails = `PATH is a file, a directory with everything below it, or - for standard input,
whose text goes to standard output. Only spaces change. The names of the files
that were changed are printed. With a syntax error in any file none is changed.

Exit status:
  0  done; with -check, everything is formatted
  1  a file cannot be read or written; with -check, a file is not formatted
  2  the command line is wrong, or a file has a syntax error`

// layout gives configurations the layout of HCL.
func (p *program) layout(_ context.Context, args []string) error {
	set := newFlags("fmt")
	check := set.Bool("check", false, "change nothing, and print the names of the files that are not formatted")
	path, err := p.parseConfig(set, configFlag(set), args)
	if err != nil {
		return err
	}
	read := func() ([]config.Source, config.Diagnostics) { return config.Read(path) }
	if path == "-" {
		read = func() ([]config.Source, config.Diagnostics) { return config.ReadFrom(stdinName, p.stdin) }
	}
	sources, diags := read()
	if diags.HasErrors() {
		return errors.Join(errReported, config.WriteDiagnostics(p.stderr, sources, diags))
	}
	after := make([][]byte, len(sources))
	for i, s := range sources {
		if after[i], err = config.Format(s); err != nil {
			_, err := fmt.Fprintln(p.stderr, "tidegate:", err)
			return errors.Join(errReported, err)
		}
	}
	if path == "-" && !*check {
		_, err := p.stdout.Write(after[0])
		return err
	}
	return p.writeLayout(sources, after, *check)
}

// writeLayout replaces the files that differ, and prints their names. With check it only
// prints them.
func (p *program) writeLayout(sources []config.Source, after [][]byte, check bool) error {
	differs := false
	for i, s := range sources {
		if bytes.Equal(after[i], s.Bytes) {
			continue
		}
		differs = true
		if !check {
			file, err := filepath.EvalSymlinks(s.Name)
			if err != nil {
				return err
			}
			if err := replacefile.Replace(file, after[i]); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(p.stdout, s.Name); err != nil {
			return err
		}
	}
	if differs && check {
		return errUnformatted
	}
	return nil
}

// errUnformatted ends a run with exitFailure when the names of files have been printed.
var errUnformatted = fmt.Errorf("not formatted: %w", errLogged)
