package frontendtest

import (
	"fmt"
	"io"
	"time"
)

// Client is the session of a logged-in user. Names are sent unchanged: absolute,
// or relative to the current directory of the session. One goroutine at a time
// calls its methods, and no call lasts longer than the time-out of the adapter.
//
// An operation that the server refuses returns an *Error. Any other error means
// that the session is broken.
type Client interface {
	// List returns the entries of a directory, without it and its parent.
	List(dir string) ([]Entry, error)
	// Stat describes one entry.
	Stat(name string) (Entry, error)
	// Open begins a download at offset, in bytes.
	Open(name string, offset int64) (Download, error)
	// Create begins an upload. When it returns, the server has the request.
	Create(name string, o CreateOptions) (Upload, error)
	Delete(name string) error
	Mkdir(name string) error
	Rmdir(name string) error
	Rename(from, to string) error
	SetModTime(name string, t time.Time) error
	// AwaitEnd waits until the server ends the session, and returns an error
	// when it has not done so by then.
	AwaitEnd(timeout time.Duration) error
	// Quit ends the session as the protocol wants it.
	Quit() error
	// Close drops the connections without a QUIT. It may be called at any
	// time, more than once.
	Close()
}

// WorkingDir is implemented by clients whose protocol has a current directory.
type WorkingDir interface {
	Pwd() (string, error)
	Cd(dir string) error
}

// CreateOptions say how a file is written; the zero value replaces what is
// there.
type CreateOptions struct {
	// Append adds to the end of what is there.
	Append bool
	// Offset, when not 0, writes from there on, which must be the end.
	Offset int64
}

// Upload is one file on its way to the server.
type Upload interface {
	io.Writer
	// Finish ends the file, and returns the server's answer to the upload.
	Finish() error
}

// Download is one file on its way to the client. Read returns io.EOF only after
// the server has confirmed that the file is complete.
type Download interface {
	io.Reader
	// Close leaves before the end; the session continues. After the end it does
	// nothing.
	Close() error
}

// Entry is what a client learns about a file or a directory.
type Entry struct {
	Name string
	Dir  bool
	// Size is in bytes; it means nothing for a directory.
	Size int64
	// ModTime is zero where the server reports none.
	ModTime time.Time
}

// Error is a refusal in the protocol's own terms.
type Error struct {
	Code int
	Text string
}

func (e *Error) Error() string { return fmt.Sprintf("refused: %d %s", e.Code, e.Text) }

// Break is a way in which an upload ends that must not be committed.
type Break struct {
	Name string
	// Do breaks u, which its Client has made.
	Do func(u Upload) error
	// EndsSession is true when the Client cannot be used any more.
	EndsSession bool
}
