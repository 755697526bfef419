//go:build unix

package accesslog

import (
	"bytes"
	"log/syslog"
)

// system is an output that sends each line as one message to a syslog server. A lost
// connection is made again with the next line.
type system struct{ w *syslog.Writer }

// openSyslog connects to the server. severity is that of all messages.
func openSyslog(s Syslog, audit bool) (output, error) {
	severity := syslog.LOG_INFO
	if audit {
		severity = syslog.LOG_NOTICE
	}
	w, err := syslog.Dial(s.Network, s.Address, syslog.Priority(Facilities()[s.Facility]<<3)|severity, "tidegate")
	if err != nil {
		return nil, err
	}
	return system{w}, nil
}

func (s system) write(lines []byte) (int, error) {
	written := 0
	for line := range bytes.Lines(lines) {
		if _, err := s.w.Write(bytes.TrimRight(line, "\r\n")); err != nil {
			return written, err
		}
		written += len(line)
	}
	return written, nil
}

func (system) reopen() error  { return nil }
func (s system) close() error { return s.w.Close() }
