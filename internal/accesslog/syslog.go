package accesslog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// syslogTimeout bounds a connection to a server, and a write that it does not take.
	syslogTimeout = 10 * time.Second
	// longestMessage is how many bytes of a line one message has: a datagram of UDP holds no
	// more than 65,507 bytes.
	longestMessage = 60 << 10
)

// The severities of RFC 5424, 6.2.1, that messages have.
const notice, informational = 5, 6

// system is an output that sends each line as one message to a syslog server. A lost
// connection is made again with the next line.
//
// A server in the network gets RFC 5424, over TCP with a line feed behind each message (RFC
// 6587, 3.4.2). The server of the machine gets what syslog(3) sends, which is RFC 3164 without
// a host name: journald reads nothing else.
type system struct {
	to       Syslog
	priority int
	// host and name are the fields HOSTNAME and MSGID of RFC 5424, process is PROCID.
	host, name, process string
	// conn is nil while there is no connection.
	conn net.Conn
}

// openSyslog connects to the server. name is that of the log, node that of the node.
func openSyslog(to Syslog, audit bool, name, node string) (output, error) {
	severity := informational
	if audit {
		severity = notice
	}
	s := &system{
		to: to, priority: Facilities()[to.Facility]<<3 | severity,
		host: syslogField(node, 255), name: syslogField(name, 32), process: strconv.Itoa(os.Getpid()),
	}
	return s, s.connect()
}

// syslogField returns a text as a field of RFC 5424 has it: "-" for nothing, and "_" for what is
// not printable ASCII.
func syslogField(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, text)
	if text == "" {
		return "-"
	}
	return text[:min(len(text), most)]
}

// connect connects to the server. That of the machine takes datagrams or, on few systems, a
// stream, at one of several paths.
func (s *system) connect() error {
	networks, addresses := []string{s.to.Network}, []string{s.to.Address}
	if s.local() {
		networks = []string{"unixgram", "unix"}
		if s.to.Address == "" {
			addresses = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}
		}
	}
	dialer := net.Dialer{Timeout: syslogTimeout}
	var failed error
	for _, address := range addresses {
		for _, network := range networks {
			conn, err := dialer.DialContext(context.Background(), network, address)
			if err == nil {
				s.conn = conn
				return nil
			}
			failed = errors.Join(failed, err)
		}
	}
	return fmt.Errorf("syslog: %w", failed)
}

// local reports whether the server is that of the machine.
func (s *system) local() bool { return s.to.Network == "" || s.to.Network == "unix" }

// streams reports whether the connection takes a stream of bytes, in which a line feed ends a
// message.
func (s *system) streams() bool {
	switch s.conn.RemoteAddr().Network() {
	case "tcp", "unix":
		return true
	}
	return false
}

// message returns the message with a line.
func (s *system) message(line []byte, now time.Time) []byte {
	line = line[:min(len(line), longestMessage)]
	var m []byte
	if s.local() {
		m = fmt.Appendf(nil, "<%d>%s tidegate[%s]: %s", s.priority, now.Format(time.Stamp), s.process, line)
	} else {
		m = fmt.Appendf(nil, "<%d>1 %s %s tidegate %s %s - %s", s.priority, now.Format("2006-01-02T15:04:05.000000Z07:00"), s.host, s.process, s.name, line)
	}
	if s.streams() {
		m = append(m, '\n')
	}
	return m
}

func (s *system) write(lines []byte) (int, error) {
	written := 0
	for line := range bytes.Lines(lines) {
		if err := s.send(bytes.TrimRight(line, "\r\n")); err != nil {
			return written, err
		}
		written += len(line)
	}
	return written, nil
}

// send sends one line, over a new connection where the one before does not take it.
func (s *system) send(line []byte) error {
	if s.conn != nil && s.put(line) == nil {
		return nil
	}
	_ = s.close()
	if err := s.connect(); err != nil {
		return err
	}
	err := s.put(line)
	if err != nil {
		_ = s.close()
	}
	return err
}

func (s *system) put(line []byte) error {
	now := time.Now()
	_ = s.conn.SetWriteDeadline(now.Add(syslogTimeout))
	_, err := s.conn.Write(s.message(line, now))
	return err
}

func (*system) reopen() error { return nil }

func (s *system) close() error {
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn = nil
	return err
}
