//go:build unix

package listen

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The names of the pipes between a process and the one that replaces it, among those of the
// sockets.
const (
	pipeReady = "successor.ready"
	pipeFree  = "predecessor.free"
)

// Succeed is Inherit for files of Successor.Files, in the process that replaces the one that
// made them. It returns the file to write to when clients are served.
func Succeed(files []*os.File) (s *Sockets, ready *os.File, err error) {
	var sockets []*os.File
	var free *os.File
	for _, f := range files {
		switch f.Name() {
		case pipeReady:
			ready = f
		case pipeFree:
			free = f
		default:
			sockets = append(sockets, f)
		}
	}
	if ready == nil || free == nil {
		return nil, nil, errors.New("the process that this one replaces has passed on no pipes")
	}
	if s, err = inheritFrom(sockets, true); err != nil {
		return nil, nil, err
	}
	if s.before, err = pollable(free); err != nil {
		s.Close()
		return nil, nil, err
	}
	s.waiting.Go(func() {
		// Its end comes also when the other process dies.
		if _, err := io.Copy(io.Discard, s.before); err == nil {
			close(s.free)
		}
	})
	return s, ready, nil
}

// pollable returns f as a file whose Close ends a Read.
func pollable(f *os.File) (*os.File, error) {
	fd, err := syscall.Dup(int(f.Fd()))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// Successor is what the process that replaces this one gets.
type Successor struct {
	// Files are its files from descriptor 3 on, and Names their names, as systemd passes
	// sockets on.
	Files []*os.File
	Names []string
	// Ready gets a byte when it serves, and ends when it has ended.
	Ready *os.File

	sockets *Sockets
	free    *os.File
}

// Successor prepares the replacement of this process.
func (s *Sockets) Successor() (_ *Successor, err error) {
	select {
	case <-s.succession.free:
	default:
		return nil, errors.New("the process before this one still needs its passive ports")
	}
	next := &Successor{sockets: s}
	defer func() {
		if err != nil {
			next.Close()
		}
	}()
	s.mu.Lock()
	defer s.mu.Unlock()
	for l, name := range s.open {
		file, err := duplicate(l, name)
		if err != nil {
			return nil, err
		}
		next.add(name, file)
	}
	for _, i := range s.inherited {
		if !i.used {
			next.add(i.name, i.file)
		}
	}
	ready, writeReady, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	next.Ready = ready
	next.add(pipeReady, writeReady)
	free, writeFree, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	next.free = writeFree
	next.add(pipeFree, free)
	return next, nil
}

// duplicate returns another descriptor of a listener. That of Listener.File would make the
// socket block, in both processes, as soon as it is passed on.
func duplicate(l *Listener, name string) (*os.File, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	var copied int
	if err := errors.Join(raw.Control(func(fd uintptr) { copied, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }), err); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), name), nil
}

func (n *Successor) add(name string, file *os.File) {
	// A colon separates names.
	n.Names, n.Files = append(n.Names, strings.ReplaceAll(name, ":", "_")), append(n.Files, file)
}

// Started closes what only the other process needs.
func (n *Successor) Started() {
	n.sockets.mu.Lock()
	defer n.sockets.mu.Unlock()
	for _, f := range n.Files {
		if !n.sockets.keeps(f) {
			_ = f.Close()
		}
	}
	n.Files = nil
}

// keeps reports whether f is that of an inherited socket. mu is held.
func (s *Sockets) keeps(f *os.File) bool {
	for _, i := range s.inherited {
		if i.file == f {
			return true
		}
	}
	return false
}

// Close ends an attempt that has failed, or one after HandOver, which it does not change.
func (n *Successor) Close() {
	n.Started()
	for _, f := range []*os.File{n.Ready, n.free} {
		if f != nil {
			_ = f.Close()
		}
	}
	n.free = nil
}

// HandOver lets the other process use the sockets that have one user at a time, as soon as
// their users in this process have left. It is called once, when the other process serves.
func (n *Successor) HandOver() {
	s := n.sockets
	s.lock.Lock()
	defer s.lock.Unlock()
	s.next, n.free = n.free, nil
	close(s.handedOver)
	s.tell()
}
