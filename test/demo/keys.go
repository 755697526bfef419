package main

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// Keys that end the demo beside q: on a raw terminal they are no signals.
const (
	ctrlC = 0x03
	ctrlD = 0x04
)

// lookPause is how often nodes are asked what they do, and the view is drawn.
const lookPause = 500 * time.Millisecond

// readKeys returns the keys that are pressed, without Enter on a terminal. restore gives the
// terminal its settings back; it may be called again. Nothing can interrupt the read of a
// terminal: it ends with the process.
func readKeys(stdin io.Reader) (keys <-chan byte, restore func(), err error) {
	restore = func() {}
	if f, ok := stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		before, err := term.MakeRaw(int(f.Fd()))
		if err != nil {
			return nil, nil, err
		}
		restore = sync.OnceFunc(func() { _ = term.Restore(int(f.Fd()), before) })
		// A key that was pressed before the first screen is not an answer to that screen.
		_ = dropTyped(int(f.Fd())) // they act otherwise
	}
	pressed := make(chan byte, 16)
	go func() {
		defer close(pressed)
		for key := make([]byte, 1); ; {
			if _, err := stdin.Read(key); err != nil {
				return
			}
			pressed <- key[0]
		}
	}()
	return pressed, restore, nil
}

// follow does what keys say and draws the view, until a key or ctx ends the demo.
func (s *site) follow(ctx context.Context, keys <-chan byte, v *view) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	defer looking.Wait()
	defer cancel()
	for _, n := range s.nodes {
		looking.Go(func() {
			for pause(ctx, lookPause) {
				// After an error the view shows no sessions.
				_ = n.look(ctx)
			}
		})
	}
	ticker := time.NewTicker(lookPause)
	defer ticker.Stop()
	for {
		v.draw()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case key, ok := <-keys:
			if !ok {
				keys = nil // there are no more
				continue
			}
			if !s.press(ctx, key, v) {
				return
			}
		}
	}
}

// press does what a key says, and reports whether the demo goes on.
func (s *site) press(ctx context.Context, key byte, v *view) bool {
	n := s.nodes[v.selected]
	switch key {
	case '1', '2', '3':
		v.selected = int(key - '1')
	case 'k':
		s.kill(n, v)
	case 'd':
		s.drain(n, v)
	case 's':
		s.again(ctx, n, v)
	case 'q', ctrlC, ctrlD:
		return false
	}
	return true
}

func (s *site) kill(n *node, v *view) {
	p, ok := n.change(killed, starting, serving, draining)
	if !ok {
		v.event("%s does not run; s starts it", n.name())
		return
	}
	p.Kill()
	v.event("%s was killed", n.name())
}

// drain stops a node as SIGTERM does: it finishes the uploads that have begun.
func (s *site) drain(n *node, v *view) {
	p, ok := n.change(draining, serving)
	if !ok {
		v.event("%s does not serve", n.name())
		return
	}
	v.event("%s drains: it finishes its uploads and takes no more", n.name())
	s.ending.Go(func() {
		err := p.Stop()
		if _, ok := n.change(drained, draining); !ok {
			return // it was killed
		}
		if err != nil {
			v.event("%s did not drain: %v", n.name(), err)
			return
		}
		v.event("%s has drained and ended", n.name())
	})
}

// again starts a node that has ended.
func (s *site) again(ctx context.Context, n *node, v *view) {
	if _, ok := n.change(starting, killed, drained, failed); !ok {
		v.event("%s runs", n.name())
		return
	}
	if err := s.startNode(n); err != nil {
		n.change(failed, starting)
		v.event("%s does not start: %v", n.name(), err)
		return
	}
	v.event("%s starts", n.name())
	s.ending.Go(func() {
		ctx, cancel := context.WithTimeoutCause(ctx, startTime, errors.New("it takes too long"))
		defer cancel()
		if err := s.ready(ctx, n); err == nil {
			v.event("%s serves", n.name())
		} else if state, _, _ := n.now(); state == failed && !errors.Is(context.Cause(ctx), context.Canceled) {
			v.event("%v", err)
		}
	})
}
