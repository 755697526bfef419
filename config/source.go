package config

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/hcl/v2"
)

// Source is the text of one file of a configuration.
type Source struct {
	// Name is the name of the file in diagnostics.
	Name  string
	Bytes []byte
	// Dir is the directory in which relative paths of file() begin. "" means that of the
	// file.
	Dir string
}

// The largest files that are read. A larger one is a mistake, such as the path of a device
// or of a file with data.
const (
	maxSourceBytes = 16 << 20
	maxFileBytes   = 1 << 20
)

// Read returns the file at path, or all *.hcl files in the directory at path and in those
// below it, in the order of their names. Hidden files and directories are ignored. A file to
// which several links lead is read once.
func Read(path string) ([]Source, hcl.Diagnostics) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if !info.IsDir() {
		return readAll([]string{path})
	}
	return readDirectory(path)
}

// ReadFrom returns the configuration that r has, under a name for diagnostics. Relative
// paths of file() begin in the working directory.
func ReadFrom(name string, r io.Reader) ([]Source, hcl.Diagnostics) {
	b, err := readLimited(name, r, maxSourceBytes)
	if err != nil {
		return nil, unreadable(name, err)
	}
	return []Source{{Name: name, Bytes: b}}, nil
}

func readAll(names []string) ([]Source, hcl.Diagnostics) {
	var sources []Source
	var diags hcl.Diagnostics
	for _, name := range names {
		b, err := readRegular(name, maxSourceBytes)
		if err != nil {
			diags = append(diags, unreadable(name, err)...)
			continue
		}
		sources = append(sources, Source{Name: name, Bytes: b})
	}
	return sources, diags
}

// readRegular reads a regular file of at most limit bytes. Pipes and devices are refused:
// they may never end.
func readRegular(name string, limit int64) ([]byte, error) {
	// Opening a pipe can block, so the type is checked first.
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return readLimited(name, f, limit)
}

// readLimited reads at most limit bytes.
func readLimited(name string, r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return b, nil
}

func unreadable(path string, err error) hcl.Diagnostics {
	return hcl.Diagnostics{Problem(whole(path), "Cannot read the configuration", err.Error()+".")}
}

// at returns the place of the bytes from one offset to another, on one line.
func (s Source) at(from, to int) hcl.Range {
	line := bytes.LastIndexByte(s.Bytes[:from], '\n') + 1
	pos := hcl.Pos{Line: 1 + bytes.Count(s.Bytes[:from], []byte("\n")), Column: 1 + from - line, Byte: from}
	end := hcl.Pos{Line: pos.Line, Column: pos.Column + to - from, Byte: to}
	return hcl.Range{Filename: s.Name, Start: pos, End: end}
}

// Whole returns the place of a problem with the source as a whole.
func (s Source) Whole() hcl.Range { return whole(s.Name) }

// whole returns the place of a problem with a file as a whole.
func whole(name string) hcl.Range {
	return hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
}
