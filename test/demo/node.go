package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/tidegate/tidegate/test/launch"
)

// state is what a node does.
type state string

const (
	starting state = "starting"
	serving  state = "serving"
	draining state = "draining"
	killed   state = "killed"
	drained  state = "drained"
	failed   state = "failed"
)

// runs reports whether the node has a process that serves or will.
func (s state) runs() bool { return s == starting || s == serving || s == draining }

// askTime bounds a request to a node.
const askTime = time.Second

// node is one of the three. Its methods may be called concurrently.
type node struct {
	index int
	// page is the URL of its frontend "status".
	page string

	mu      sync.Mutex
	state   state
	process *launch.Program
	// sessions and transfers are those of the last report.
	sessions, transfers int
}

// name is how the view calls the node; people count from 1.
func (n *node) name() string { return fmt.Sprintf("node %d", n.index+1) }

// now returns the state and the numbers of the last report.
func (n *node) now() (s state, sessions, transfers int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state, n.sessions, n.transfers
}

// change sets the state if it is one of from, and returns the process.
func (n *node) change(to state, from ...state) (*launch.Program, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, s := range from {
		if n.state == s {
			n.state = to
			return n.process, true
		}
	}
	return nil, false
}

// current returns the process of the last start.
func (n *node) current() *launch.Program {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.process
}

// started notes the process of a start.
func (n *node) started(p *launch.Program) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.process = p
}

// look asks the node what it does.
func (n *node) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var report struct{ Sessions, Transfers int }
	answer, err := get(ctx, n.page+"status.json")
	if err == nil {
		err = json.Unmarshal(answer, &report)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sessions, n.transfers = report.Sessions, report.Transfers
	return err
}

// get returns the body of a page, which must be a success.
func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return io.ReadAll(resp.Body)
}
