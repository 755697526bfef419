package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// serviceLogs is how many files of the log of a service are kept.
const serviceLogs = 8

// serviceLog is a log in files: PATH, and older ones PATH.1 to PATH.7. Windows has no program
// that rotates logs, and does not let another program rename a file that is open. Its methods
// may be called concurrently.
type serviceLog struct {
	path string
	most int64

	mu   sync.Mutex
	file *os.File
	size int64
	// last is what was written last.
	last []byte
}

// openServiceLog opens the log in a file.
func openServiceLog(path string, most int64) (*serviceLog, error) {
	l := &serviceLog{path: path, most: most}
	return l, l.open()
}

func (l *serviceLog) open() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write appends a line. When the file cannot be rotated, it grows on.
func (l *serviceLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = append(l.last[:0], line...)
	if l.size > 0 && l.size+int64(len(line)) > l.most {
		if err := l.rotate(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

// rotate begins another file. It fails only when none can be opened.
func (l *serviceLog) rotate() error {
	err := l.file.Close()
	for i := serviceLogs - 1; i > 0; i-- {
		if moved := os.Rename(l.name(i-1), l.name(i)); moved != nil && !errors.Is(moved, fs.ErrNotExist) {
			err = errors.Join(err, moved)
		}
	}
	if opened := l.open(); opened != nil {
		return errors.Join(err, opened)
	}
	if err != nil {
		// The next attempt comes when as much was written again.
		l.size = 0
	}
	return nil
}

// name returns the name of the file that is i files old.
func (l *serviceLog) name(i int) string {
	if i == 0 {
		return l.path
	}
	return fmt.Sprintf("%s.%d", l.path, i)
}

// lastLine returns what was written last.
func (l *serviceLog) lastLine() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.last)
}

// Close closes the file.
func (l *serviceLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
