package status

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"time"
)

// olderSuffix ends the name that the socket of a process gets when the next one takes its
// place. The older process is asked there for as long as it drains.
const olderSuffix = ".draining"

// olderTime bounds how long an older process may take to answer.
const olderTime = time.Second

// Older is a process that another one has replaced, and that has not ended yet.
type Older struct {
	PID       int       `json:"pid"`
	Since     time.Time `json:"since"`
	Sessions  int       `json:"sessions"`
	Transfers int       `json:"transfers"`
	// Socket is where it can be asked.
	Socket string `json:"socket"`
}

// keepOlder gives the socket at path, where a process serves, the name that it has while it
// drains. Without it the older process cannot be asked, and serves nevertheless.
func keepOlder(ctx context.Context, path string) {
	if !serves(ctx, path) {
		return
	}
	_ = os.Remove(path + olderSuffix) // of the process before that
	_ = os.Link(path, path+olderSuffix)
}

// giveBack gives the process that serves beside path, unless it is the one of own, that path.
func giveBack(path string, own os.FileInfo) {
	ctx, cancel := context.WithTimeout(context.Background(), olderTime)
	defer cancel()
	other, err := os.Lstat(path + olderSuffix)
	if err == nil && !os.SameFile(other, own) && serves(ctx, path+olderSuffix) {
		_ = os.Rename(path+olderSuffix, path)
	}
}

// serves reports whether a process accepts connections at a socket.
func serves(ctx context.Context, path string) bool {
	c, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// older asks the process that this one has replaced, nil where there is none.
func (s *Server) older(ctx context.Context) *Older {
	own, ok := s.listener.(*socketListener)
	if !ok {
		return nil
	}
	path := own.path + olderSuffix
	if found, err := os.Lstat(path); err != nil || os.SameFile(found, own.file) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, olderTime)
	defer cancel()
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://tidegate/status.json", http.NoBody)
	if err != nil {
		return nil
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil // it has ended
	}
	defer resp.Body.Close()
	var r Report
	if resp.StatusCode != http.StatusOK || json.NewDecoder(resp.Body).Decode(&r) != nil {
		return nil
	}
	return &Older{PID: r.PID, Since: r.Since, Sessions: r.Sessions, Transfers: r.Transfers, Socket: path}
}
