package status

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/tidegate/tidegate/frontends/listen"
)

// bind opens the address or the socket for the frontend called name.
func (s *settings) bind(ctx context.Context, sockets *listen.Sockets, name string) (net.Listener, error) {
	if s.socket == "" {
		return sockets.Listen(ctx, name, s.listen)
	}
	// The socket gets its permissions before clients find it. It takes the place of the
	// one that an earlier process has left, or still serves while it drains.
	unfinished := s.socket + "." + strconv.Itoa(os.Getpid())
	if err := os.Remove(unfinished); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", unfinished)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("socket %s: its directory does not exist; make it for the user of this process", s.socket)
	}
	if err != nil {
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	bound := &socketListener{Listener: l, path: s.socket}
	err = os.Chmod(unfinished, s.mode)
	if err == nil {
		bound.file, err = os.Lstat(unfinished)
	}
	if err == nil {
		keepOlder(ctx, s.socket)
		err = os.Rename(unfinished, s.socket)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("socket: %w", err), l.Close(), os.Remove(unfinished))
	}
	return bound, nil
}

// socketListener removes its file when it is closed, unless another process has replaced it.
// A process that it has replaced, and that still serves, gets its path back: this one may
// have been started by mistake, and ends because a port is in use.
type socketListener struct {
	net.Listener
	path string
	file os.FileInfo
}

func (l *socketListener) Close() error {
	if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.file) {
		giveBack(l.path, l.file)
	}
	for _, path := range []string{l.path, l.path + olderSuffix} {
		if now, err := os.Lstat(path); err == nil && os.SameFile(now, l.file) {
			_ = os.Remove(path) // a later process takes its place otherwise
		}
	}
	return l.Listener.Close()
}

// Addr returns the path that clients know.
func (l *socketListener) Addr() net.Addr { return &net.UnixAddr{Name: l.path, Net: "unix"} }
