package azstub

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Rule selects requests and says what happens to them. An empty condition selects all requests.
type Rule struct {
	Kinds     []Kind
	Container string
	Blob      string              // exact name
	Match     func(*Request) bool // called with a request that has just come; it must not call the server

	// Skip lets that many of the selected requests pass before the rule takes
	// effect, and Times is how often it does so then; 0 is always.
	Skip, Times int
	// For is how long the rule takes effect from the first request that it
	// strikes; 0 is always.
	For time.Duration

	Shape
	Fault Fault
}

// rules decide what happens to each request.
type rules struct {
	mu       sync.Mutex
	shape    Shape
	up, down *pacer // shared by all requests
	list     []*activeRule
}

type activeRule struct {
	Rule
	seen, done int
	since      time.Time // it took effect for the first time
}

// effect is what the rules together make of one request.
type effect struct {
	Shape
	fault Fault
}

// SetShape replaces the server-wide shape for requests that come from now on.
func (s *Server) SetShape(shape Shape) {
	r := &s.rules
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shape = shape
	r.up, r.down = newPacer(shape.TotalUpload), newPacer(shape.TotalDownload)
}

// AddRule adds a rule after the existing ones and returns a function that removes it. Every
// rule that selects a request counts it. Shapes add up. Only the first fault takes effect; the
// faults of the other rules apply to later requests. So two rules with Times 1 make two requests
// fail, one after the other.
func (s *Server) AddRule(rule Rule) (remove func()) {
	r := &s.rules
	r.mu.Lock()
	defer r.mu.Unlock()
	a := &activeRule{Rule: rule}
	r.list = append(r.list, a)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.list = slices.DeleteFunc(r.list, func(o *activeRule) bool { return o == a })
	}
}

// ClearRules removes all rules; the server-wide shape stays.
func (s *Server) ClearRules() {
	s.rules.mu.Lock()
	defer s.rules.mu.Unlock()
	s.rules.list = nil
}

// apply decides about a request that has just come.
func (r *rules) apply(req *Request) (e effect, up, down stream) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Shape = r.shape
	for _, a := range r.list {
		if !a.selects(req) {
			continue
		}
		a.seen++
		if a.seen <= a.Skip || a.Times > 0 && a.done >= a.Times {
			continue
		}
		if a.For > 0 {
			if now := time.Now(); a.since.IsZero() {
				a.since = now
			} else if now.Sub(a.since) >= a.For {
				continue
			}
		}
		if a.Fault.do != nothing {
			if e.fault.do != nothing {
				continue
			}
			e.fault = a.Fault
		}
		a.done++
		e.Shape = e.add(a.Shape)
	}
	if e.Jitter > 0 {
		e.Latency += time.Duration(rand.Int64N(int64(e.Jitter)))
	}
	return e, newStream(e.Upload, r.up), newStream(e.Download, r.down)
}

func (r *Rule) selects(req *Request) bool {
	return (len(r.Kinds) == 0 || slices.Contains(r.Kinds, req.Kind)) &&
		(r.Container == "" || r.Container == req.Container) &&
		(r.Blob == "" || r.Blob == req.Blob) &&
		(r.Match == nil || r.Match(req))
}

// Together holds the next requests of the given kinds, one for each time that a kind is
// named, until all have arrived: they are answered only when they are sent at the same time.
// ctx bounds the wait.
func (s *Server) Together(ctx context.Context, kinds ...Kind) {
	before := s.Counts()
	all := make(chan struct{})
	s.AddRule(Rule{Kinds: kinds, Times: len(kinds), Fault: Hold(all)})
	distinct := slices.Compact(slices.Sorted(slices.Values(kinds)))
	go func() {
		defer close(all)
		_ = s.Wait(ctx, func(c Counts) bool { return c.Since(before).Of(distinct...) >= int64(len(kinds)) })
	}()
}
