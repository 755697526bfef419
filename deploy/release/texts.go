package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
)

// texts has the program write what packages and archives contain beside it: the completions
// of shells and the manual page. They are the same on every platform.
func (r *release) texts(ctx context.Context) error {
	program := filepath.Join(r.work, "texts.exe")
	if err := r.compile(ctx, nil, program); err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"tidegate.bash": {"completion", "bash"},
		"_tidegate":     {"completion", "zsh"},
		"tidegate.fish": {"completion", "fish"},
		"tidegate.8":    {"man"},
	} {
		text, err := r.output(ctx, program, args...)
		if err != nil {
			return err
		}
		content := []byte(text + "\n")
		if name == "tidegate.8" {
			if content, err = compressed(content); err != nil {
				return err
			}
			name += ".gz"
		}
		if err := os.WriteFile(filepath.Join(r.work, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// compressed returns the smallest form of gzip, without a time, as Debian wants it.
func compressed(content []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(content); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
