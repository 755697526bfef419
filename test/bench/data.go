package main

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// step is what a client reads or writes at once.
const step = 256 << 10

// pattern is what clients send, again and again.
var pattern = azstub.Pattern()[:step]

// source yields so many bytes. io.Copy lets it write by itself, without another
// buffer.
type source struct{ left int64 }

func newSource(size int64) *source { return &source{size} }

func (s *source) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), s.left)], pattern)
	s.left -= int64(n)
	return n, nil
}

func (s *source) WriteTo(w io.Writer) (total int64, err error) {
	for s.left > 0 && err == nil {
		var n int
		n, err = w.Write(pattern[:min(s.left, step)])
		s.left -= int64(n)
		total += int64(n)
	}
	return total, err
}

// sink counts bytes and discards them.
type sink struct {
	size int64 // how many it wants
	got  int64
}

func (s *sink) Write(p []byte) (int, error) {
	s.got += int64(len(p))
	return len(p), nil
}

func (s *sink) ReadFrom(r io.Reader) (int64, error) {
	before := s.got
	_, err := io.CopyBuffer(struct{ io.Writer }{s}, r, make([]byte, min(s.size, step)))
	return s.got - before, err
}

// full reports whether it got what it wants.
func (s *sink) full() error {
	if s.got != s.size {
		return fmt.Errorf("got %d bytes of %d", s.got, s.size)
	}
	return nil
}

// lineCounter counts lines and notes when the first one was there.
type lineCounter struct {
	begin time.Time
	first time.Duration
	lines int
}

func newLineCounter() *lineCounter { return &lineCounter{begin: time.Now()} }

func (c *lineCounter) Write(p []byte) (int, error) {
	n := bytes.Count(p, []byte("\n"))
	if c.lines == 0 && n > 0 {
		c.first = time.Since(c.begin)
	}
	c.lines += n
	return len(p), nil
}

func (c *lineCounter) listed() listed { return listed{c.lines, c.first, time.Since(c.begin)} }
