package accesslog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"
)

// output is where the lines of a log go.
type output interface {
	// write writes whole lines and returns how many bytes of whole lines were written. After
	// an error the caller calls again with the rest.
	write(lines []byte) (int, error)
	// reopen opens the output again, where that means anything.
	reopen() error
	close() error
}

// file is an output that appends to a file. Several processes may have the same file open.
// Its methods may be called concurrently.
type file struct {
	path   string
	rotate Rotate
	header func(now time.Time) []byte
	// failed is called with an error that does not keep lines from being written.
	failed func(err error)

	mu sync.Mutex
	f  *os.File
	// pending is the rest of the header that is not written yet, torn the number of bytes of
	// the next line that are in the file already.
	pending []byte
	torn    int
	size    int64
	// last is when the file was changed last.
	last time.Time
	// rotateAfter is when a failed rotation is tried again.
	rotateAfter time.Time
}

// openFile opens or creates the file.
func openFile(path string, rotate Rotate, header func(time.Time) []byte, failed func(error)) (*file, error) {
	if fi, err := os.Stat(path); err == nil && fi.Mode()&(fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return nil, fmt.Errorf("%s is no file that can be appended to", path)
	}
	f := &file{path: path, rotate: rotate, header: header, failed: failed}
	return f, f.open()
}

// open opens the file for appending. The header follows with the first line.
func (f *file) open() error {
	opened, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	f.f, f.size, f.last = opened, 0, time.Now()
	if fi, err := opened.Stat(); err == nil && fi.Mode().IsRegular() && fi.Size() > 0 {
		f.size, f.last = fi.Size(), fi.ModTime()
	}
	f.pending, f.torn = nil, 0
	if f.header != nil {
		f.pending = f.header(time.Now())
	}
	return nil
}

func (f *file) write(lines []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	if err := f.rotateIfDue(int64(len(lines)), time.Now()); err != nil {
		return 0, err
	}
	if len(f.pending) > 0 {
		n, err := f.f.Write(f.pending)
		f.pending, f.size = f.pending[n:], f.size+int64(n)
		if err != nil {
			return 0, err
		}
	}
	n, err := f.f.Write(lines[f.torn:])
	f.size, f.last = f.size+int64(n), time.Now()
	whole := bytes.LastIndexByte(lines[:f.torn+n], '\n') + 1
	f.torn += n - whole
	return whole, err
}

// rotateIfDue renames the file before more bytes are written, if its size or its period
// wants that. A torn line is completed first. It returns an error only if no file is open
// afterwards.
func (f *file) rotateIfDue(more int64, now time.Time) error {
	tooLarge := f.rotate.Size > 0 && f.size > 0 && f.size+more > f.rotate.Size
	tooOld := f.rotate.Every > 0 && f.size > 0 && !f.last.Truncate(f.rotate.Every).Equal(now.Truncate(f.rotate.Every))
	if !tooLarge && !tooOld || f.torn > 0 || now.Before(f.rotateAfter) {
		return nil
	}
	// Another process may have renamed it.
	if mine, err := f.f.Stat(); err == nil {
		if there, err := os.Stat(f.path); err != nil || !os.SameFile(mine, there) {
			return f.again()
		}
	}
	err := f.f.Close()
	f.f = nil
	if err == nil {
		err = f.shift()
	}
	if err != nil {
		f.rotateAfter = now.Add(time.Minute)
		f.failed(fmt.Errorf("cannot rotate: %w", err))
	}
	return f.open()
}

// shift renames File to File.1, File.1 to File.2 and so on. The last one is replaced.
func (f *file) shift() error {
	name := func(i int) string {
		if i == 0 {
			return f.path
		}
		return f.path + "." + strconv.Itoa(i)
	}
	for i := f.rotate.Keep; i > 0; i-- {
		if err := os.Rename(name(i-1), name(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// reopen opens the file of the path, which another program may have renamed. A file that
// cannot be opened is tried again with the next lines.
func (f *file) reopen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.again()
}

func (f *file) again() error {
	if f.f != nil {
		_ = f.f.Close()
		f.f = nil
	}
	return f.open()
}

func (f *file) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.f == nil {
		return nil
	}
	err := f.f.Close()
	f.f = nil
	return err
}

// stream is an output that is open already and stays open.
type stream struct {
	w       *os.File
	pending []byte // these two as in file
	torn    int
}

func (s *stream) write(lines []byte) (int, error) {
	if len(s.pending) > 0 {
		n, err := s.w.Write(s.pending)
		s.pending = s.pending[n:]
		if err != nil {
			return 0, err
		}
	}
	n, err := s.w.Write(lines[s.torn:])
	whole := bytes.LastIndexByte(lines[:s.torn+n], '\n') + 1
	s.torn += n - whole
	return whole, err
}

func (*stream) reopen() error { return nil }
func (*stream) close() error  { return nil }
