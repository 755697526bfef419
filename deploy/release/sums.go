package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// sums writes SHA256SUMS, as `sha256sum -c` reads it, for all results.
func (r *release) sums() error {
	files, err := os.ReadDir(r.out)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(r.out, "SHA256SUMS"), func(w io.Writer) error {
		for _, f := range files {
			if f.Name() == "SHA256SUMS" {
				continue
			}
			sum, err := sumOf(filepath.Join(r.out, f.Name()))
			if err != nil {
				return err
			}
			line := fmt.Sprintf("%x  %s\n", sum, f.Name())
			fmt.Print(line)
			if _, err := io.WriteString(w, line); err != nil {
				return err
			}
		}
		return nil
	})
}

func sumOf(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // a result
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}
