package cluster

import (
	"fmt"
	"path"
	"strconv"
	"strings"
)

// unknown is the node of a session that ended before its greeting.
const unknown = -1

// conversation follows the lines of a control connection, or of several that a
// client opens one after the other, and notes how each upload ended. It gets
// the lines as they are on the wire.
type conversation struct {
	node  int // says the greeting
	stor  string
	ended map[string]result // by the base name of the file
	// mistakes are passive ports that are not the node's.
	mistakes []string
}

// result is an outcome, and the node that it is of.
type result struct {
	outcome
	node int
}

func newConversation() *conversation {
	return &conversation{node: unknown, ended: map[string]result{}}
}

func (c *conversation) sent(line string) {
	if name, ok := strings.CutPrefix(line, "STOR "); ok {
		c.stor = path.Base(name)
		c.ended[c.stor] = result{node: c.node}
	}
}

func (c *conversation) received(line string) {
	if len(line) < 4 || line[3] != ' ' {
		return
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil {
		return
	}
	switch code {
	case 220:
		c.node, c.stor = unknown, ""
		if n, err := strconv.Atoi(strings.TrimPrefix(line, "220 node ")); err == nil {
			c.node = n
		}
	case 227, 229:
		c.passive(line)
	}
	if c.stor == "" || code < 100 {
		return
	}
	v := c.ended[c.stor]
	if code < 200 {
		v.begun = true
	} else {
		v.code, v.err = code, line
	}
	c.ended[c.stor] = v
	if code >= 200 {
		c.stor = ""
	}
}

// passive checks that a node replies with the port that leads to itself.
func (c *conversation) passive(line string) {
	want := firstDataPort + c.node
	if !strings.Contains(line, fmt.Sprintf("(|||%d|)", want)) &&
		!strings.Contains(line, fmt.Sprintf("(%s,%d,%d)", strings.ReplaceAll(publicAddr, ".", ","), want>>8, want&0xff)) {
		c.mistakes = append(c.mistakes, fmt.Sprintf("node %d: %s", c.node, line))
	}
}

// forget has result return the next upload of a file.
func (c *conversation) forget(name string) { delete(c.ended, path.Base(name)) }

// result returns how the upload of a file ended. One that never began counts
// as lost, on an unknown node: the client may have tried several.
func (c *conversation) result(name string) result {
	if v, ok := c.ended[path.Base(name)]; ok {
		return v
	}
	return result{node: unknown}
}

// printed follows what `curl -v` and lftp's `debug 5` print.
func (c *conversation) printed(out string) {
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		for _, prefix := range []string{"> ", "---> "} {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				c.sent(rest)
			}
		}
		for _, prefix := range []string{"< ", "<--- "} {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				c.received(rest)
			}
		}
	}
}
