package azstub

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
)

// The service keeps the case of metadata keys, and net/http does not: the keys are
// read off the connection.

const metadataHeader = "x-ms-meta-"

// spellingListener makes connections that remember how keys were written.
type spellingListener struct{ net.Listener }

func (l spellingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &spellingConn{Conn: conn, keys: map[string]string{}}, nil
}

// spellingConn remembers each key as it was written last. Requests follow each
// other, so that what is looked up is the request's own.
type spellingConn struct {
	net.Conn

	mu   sync.Mutex
	keys map[string]string // by the key in lower case
	line []byte            // the beginning of a line whose end has not come
}

// maxHead is how much of one read is looked at, and maxLine how much of a line.
// The server reads heads in pieces of 4 KiB, bodies in larger ones.
const (
	maxHead = 8 << 10
	maxLine = 16 << 10
)

func (c *spellingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n <= maxHead {
		c.look(p[:n])
	}
	return n, err
}

func (c *spellingConn) look(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(p) > 0 {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if len(c.line) > maxLine {
			c.line = c.line[:0]
		}
		c.line = append(c.line, line...)
		if !whole {
			return
		}
		if key, _, found := strings.Cut(string(c.line[:min(len(c.line), 512)]), ":"); found &&
			len(key) > len(metadataHeader) && strings.EqualFold(key[:len(metadataHeader)], metadataHeader) {
			key = key[len(metadataHeader):]
			c.keys[strings.ToLower(key)] = key
		}
		c.line, p = c.line[:0], rest
	}
}

type spellingKey struct{}

// withSpelling lets the requests of a connection look their keys up.
func withSpelling(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, spellingKey{}, conn)
}

// spell gives metadata, whose keys are in lower case, the keys as they were
// written. A handler without Listen does not know them.
func (c *call) spell(md map[string]string) map[string]string {
	conn, ok := c.http.Context().Value(spellingKey{}).(*spellingConn)
	if !ok || md == nil {
		return md
	}
	conn.mu.Lock()
	defer conn.mu.Unlock()
	out := make(map[string]string, len(md))
	for key, value := range md {
		if written, ok := conn.keys[key]; ok {
			key = written
		}
		out[key] = value
	}
	return out
}
