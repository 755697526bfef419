package status

import (
	"cmp"
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
)

// Report is what the process does at one moment. `/status.json` has it.
type Report struct {
	Version  string     `json:"version"`
	PID      int        `json:"pid"`
	Node     string     `json:"node"`
	State    string     `json:"state"`
	Since    time.Time  `json:"since"`
	Started  time.Time  `json:"started"`
	At       time.Time  `json:"at"`
	NotReady []string   `json:"not_ready"`
	Reloaded *time.Time `json:"last_reload,omitempty"`
	// ReloadError says why the last reload changed nothing, "" otherwise.
	ReloadError string     `json:"last_reload_error,omitempty"`
	Listeners   []Listener `json:"listeners"`
	// Older is the process that this one has replaced, while it still serves sessions.
	Older     *Older `json:"older_process,omitempty"`
	Sessions  int    `json:"sessions"`
	Transfers int    `json:"transfers"`
	// InRate and OutRate are bytes of files per second, to the stores and from them.
	InRate   float64   `json:"in_bytes_per_second"`
	OutRate  float64   `json:"out_bytes_per_second"`
	Tenants  []Tenant  `json:"tenants"`
	Backends []Backend `json:"backends"`
	Memory   Memory    `json:"memory"`
	Outputs
	Refusals []Refusal `json:"refusals"`
}

// Listener is a frontend that accepts connections.
type Listener struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	// Advertised is the address that passive replies name, "" where there is none.
	Advertised string `json:"advertised,omitempty"`
}

// Tenant is one tenant.
type Tenant struct {
	Name     string  `json:"name"`
	Sessions int     `json:"sessions"`
	InRate   float64 `json:"in_bytes_per_second"`
	OutRate  float64 `json:"out_bytes_per_second"`
}

// Backend is one store. The numbers are those of the last five minutes.
type Backend struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	// Counted is false where the requests of this kind of store are not counted.
	Counted   bool    `json:"counted"`
	Requests  int64   `json:"requests"`
	Failed    int64   `json:"failed"`
	Throttled int64   `json:"throttled"`
	Latency   float64 `json:"mean_seconds"`
}

// Memory is the budget of the process, and what it takes. What is not known is 0.
type Memory struct {
	// Transfers is the setting transfers { memory }; the rest of Limit is for sessions.
	Transfers int64 `json:"transfers_bytes"`
	// Resident is what the system has given to the process, Program the code of the program
	// in it. The rest is what is held of the budget, and what Go has beside that: stacks,
	// garbage, and memory that was used and is kept for a while.
	Resident int64  `json:"resident_bytes"`
	Program  int64  `json:"program_bytes"`
	Limit    int64  `json:"limit_bytes"`
	Held     int64  `json:"held_bytes"`
	Parts    []Part `json:"parts"`
}

// Part is a part of the memory.
type Part struct {
	Name    string `json:"name"`
	Held    int64  `json:"held_bytes"`
	Most    int64  `json:"limit_bytes"`
	Waiting int    `json:"waiting"`
}

// Refusal is something that was refused or aborted, or that has failed.
type Refusal struct {
	At       time.Time `json:"at"`
	Event    string    `json:"event"`
	Protocol string    `json:"protocol"`
	// Frontend is the block whose settings count: "ftp.public".
	Frontend string `json:"frontend"`
	Remote   string `json:"remote"`
	User     string `json:"user,omitempty"`
	Reason   string `json:"reason"`
	Setting  string `json:"setting,omitempty"`
}

// Session is a live session. `/sessions` has all.
type Session struct {
	ID         string      `json:"id"`
	Protocol   string      `json:"protocol"`
	Frontend   string      `json:"frontend"`
	Tenant     string      `json:"tenant,omitempty"`
	User       string      `json:"user,omitempty"`
	Remote     string      `json:"remote"`
	Since      time.Time   `json:"since"`
	Operations []Operation `json:"operations"`
	In         int64       `json:"in_bytes"`
	Out        int64       `json:"out_bytes"`
	Rate       float64     `json:"bytes_per_second"`
}

// Kicked is what has become of a session that an operator has ended.
type Kicked struct {
	ID   string `json:"kicked"`
	User string `json:"user"`
	// Ended is false when the session has not ended yet.
	Ended bool `json:"ended"`
	// Committed is how many uploads of the session were committed meanwhile, because they
	// were complete.
	Committed int64 `json:"committed"`
}

// Operation is what a session does.
type Operation struct {
	Op    string    `json:"operation"`
	Path  string    `json:"path"`
	Since time.Time `json:"since"`
	Bytes int64     `json:"bytes"`
}

// report returns what the process does now.
func (s *Server) report(ctx context.Context) Report {
	state, now := s.env.Process.State(), time.Now()
	r := Report{
		Version: state.Version, PID: os.Getpid(), Node: state.Node, State: state.Phase, Since: state.Since, Started: state.Started, At: now,
		NotReady: state.NotReady, ReloadError: state.Reloaded.Err, Sessions: s.env.Observe.Sessions.Len(),
	}
	if !state.Reloaded.At.IsZero() {
		r.Reloaded = &state.Reloaded.At
	}
	for _, l := range state.Listeners {
		r.Listeners = append(r.Listeners, Listener{l.Name, l.Address, l.Advertised})
	}
	for _, one := range s.env.Observe.Sessions.All() {
		r.Transfers += one.Transfers()
	}
	present, last := s.history.measure(now), s.history.since(2)
	seconds := max(now.Sub(last.at).Seconds(), 1)
	r.InRate, r.OutRate = (present.in-last.in)/seconds, (present.out-last.out)/seconds
	for _, name := range state.Tenants {
		a, b := last.tenants[name], present.tenants[name]
		r.Tenants = append(r.Tenants, Tenant{name, s.env.Observe.Sessions.OfTenant(name), (b.in - a.in) / seconds, (b.out - a.out) / seconds})
	}
	earlier := s.history.since(window)
	for _, b := range state.Backends {
		from, to := earlier.stores[b.Name], present.stores[b.Name]
		_, counted := present.stores[b.Name]
		one := Backend{
			Name: b.Name, Available: !b.Unavailable, Counted: counted, Requests: int64(to.count - from.count),
			Failed: int64(to.failed - from.failed), Throttled: int64(to.throttled - from.throttled),
		}
		if one.Requests > 0 {
			one.Latency = (to.seconds - from.seconds) / float64(one.Requests)
		}
		r.Backends = append(r.Backends, one)
	}
	r.Memory, r.Refusals, r.Older = s.memory(), s.refusals(), s.older(ctx)
	r.Outputs = outputs(&state)
	return r
}

// Other returns what is resident beside the program and what is held, 0 where that is not known.
func (m Memory) Other() int64 { return max(m.Resident-m.Program-m.Held, 0) }

func (s *Server) memory() Memory {
	if s.env.Memory == nil {
		return Memory{}
	}
	b := s.env.Memory.Budget
	m := Memory{Limit: b.Limit(), Held: b.Held(), Transfers: s.env.Memory.Transfers}
	now := hostmemory.OfProcess()
	m.Resident, m.Program = now.Resident, now.Program
	for _, u := range b.Usage() {
		m.Parts = append(m.Parts, Part{u.Name, u.Held, u.Most, u.Waiting})
	}
	return m
}

func (s *Server) refusals() []Refusal {
	if s.env.Observe.Recent == nil {
		return nil
	}
	var all []Refusal
	for _, e := range s.env.Observe.Recent.Events() {
		r := Refusal{
			At: e.Time, Event: string(e.Name), Protocol: e.Protocol, Frontend: e.Frontend, Remote: e.Remote.String(),
			User: e.User.String(), Reason: e.Reason, Setting: e.Setting,
		}
		if r.User == "" {
			r.User = e.Login
		}
		if e.Err != nil && (r.Reason == "" || e.Name == observe.LimitReached) {
			r.Reason = strings.TrimPrefix(e.Err.Error(), auth.ErrDenied.Error()+": ")
			if e.Name == observe.UploadAborted {
				r.Reason = e.Path + ": " + r.Reason
			}
		}
		if what := e.Op + " " + e.Path; e.Name == observe.OperationFinished && !strings.HasPrefix(r.Reason, what) {
			r.Reason = what + ": " + r.Reason
		}
		if e.Name == observe.SessionEnded {
			r.Reason += ": " + e.Cause
		}
		if e.Name == observe.CommandRefused {
			r.Reason = strings.TrimSpace(e.Op+" "+e.Path) + ": " + r.Reason
		}
		all = append(all, r)
	}
	return all
}

// sessions returns the live sessions, the oldest first.
func (s *Server) sessions() []Session {
	live, now := s.env.Observe.Sessions.All(), time.Now()
	all := make([]Session, 0, len(live))
	for _, one := range live {
		all = append(all, s.session(one, now))
	}
	return all
}

func (s *Server) session(one *session.Session, now time.Time) Session {
	user := one.User()
	in, out := one.Bytes()
	r := Session{
		ID: one.ID, Protocol: one.Protocol, Frontend: one.Frontend, Tenant: user.Tenant, User: user.Name,
		Remote: one.Remote.String(), Since: one.Started, Operations: []Operation{}, In: in, Out: out,
	}
	for _, o := range one.Operations() {
		r.Operations = append(r.Operations, Operation{o.Op, o.Path, o.Begun, o.Bytes()})
	}
	if len(r.Operations) > 0 {
		r.Rate = s.history.rateOf(one, now)
	}
	return r
}

// busiest orders sessions: those that move most first.
func busiest(all []Session) []Session {
	slices.SortStableFunc(all, func(a, b Session) int {
		return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(len(b.Operations), len(a.Operations)))
	})
	return all
}
