package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name string
	mode int64
	data []byte
}

// archive writes the program with its licence and what to read first: as .zip for Windows,
// as .tar.gz elsewhere.
func (r *release) archive(b built) error {
	directory := "tidegate_" + r.version.file() + "_" + b.os + "_" + b.arch
	program, err := os.ReadFile(b.path)
	if err != nil {
		return err
	}
	entries := []entry{{directory + "/" + filepath.Base(b.path), 0o755, program}}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "deploy/examples/minimal.hcl"} {
		text, err := os.ReadFile(filepath.Join(r.root, name))
		if err != nil {
			return err
		}
		entries = append(entries, entry{directory + "/" + filepath.Base(name), 0o644, text})
	}
	for _, name := range []string{"tidegate.bash", "_tidegate", "tidegate.fish", "tidegate.8.gz"} {
		text, err := os.ReadFile(filepath.Join(r.work, name))
		if err != nil {
			return err
		}
		entries = append(entries, entry{directory + "/" + name, 0o644, text})
	}
	if b.os == "windows" {
		return writeFile(r.file("_%s_%s.zip", b.os, b.arch), func(w io.Writer) error { return writeZip(w, entries, r.time) })
	}
	return writeFile(r.file("_%s_%s.tar.gz", b.os, b.arch), func(w io.Writer) error {
		z := gzip.NewWriter(w)
		if err := writeTar(z, entries, r.time); err != nil {
			return err
		}
		return z.Close()
	})
}

// writeTar writes entries in the form that does not depend on the machine: one time, and
// root as the owner of everything. An entry whose name ends in a slash is a directory.
func writeTar(w io.Writer, entries []entry, at time.Time) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.data)), ModTime: at, Format: tar.FormatUSTAR, Typeflag: tar.TypeReg}
		if e.name[len(e.name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(e.data); err != nil {
			return err
		}
	}
	return t.Close()
}

func writeZip(w io.Writer, entries []entry, at time.Time) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: at}
		h.SetMode(os.FileMode(e.mode)) //nolint:gosec // permission bits
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(e.data); err != nil {
			return err
		}
	}
	return z.Close()
}

// writeFile makes a file of what write writes.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path) //nolint:gosec // below the directory of the results
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	return write(f)
}
