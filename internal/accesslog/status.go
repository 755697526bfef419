package accesslog

import "time"

// Status is what a log does at one moment.
type Status struct {
	// Name is that of the block: "access_log.main".
	Name string
	// Output is where the lines go: a path, "standard output", or a syslog server.
	Output string
	// Err says why the last attempt to write has failed, and Since is when the first one has.
	// They are zero while lines can be written.
	Err   string
	Since time.Time
	// Waiting is how many events wait, and Lost how many were dropped since the process has
	// started, because too many waited.
	Waiting int
	Lost    int64
}

// failure is why an output cannot be written, and since when.
type failure struct {
	err   error
	since time.Time
}

// Status returns what the logs do.
func (s *Set) Status() []Status {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]Status, 0, len(s.logs))
	for _, l := range s.logs {
		all = append(all, l.status())
	}
	return all
}

func (l *Log) status() Status {
	s := Status{Name: l.o.Name, Output: l.o.output(), Waiting: l.queue.Len(), Lost: l.queue.Dropped()}
	if f := l.writer.failure.Load(); f != nil {
		s.Err, s.Since = f.err.Error(), f.since
	}
	return s
}

// output names where the lines go.
func (o Options) output() string {
	switch {
	case o.File != "":
		return o.File
	case o.Syslog.Facility == "":
		return "standard output"
	case o.Syslog.Address == "":
		return "syslog of this machine"
	}
	return "syslog " + o.Syslog.Network + " " + o.Syslog.Address
}
