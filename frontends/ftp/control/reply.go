package control

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/charset"
)

// Reply sends one reply. A text of several lines becomes a reply of several lines.
func (c *Conn) Reply(code int, text string) {
	first, more, several := strings.Cut(text, "\n")
	if !several {
		c.send(fmt.Sprintf("%d %s\r\n", code, text))
		return
	}
	between := strings.Split(more, "\n")
	last := len(between) - 1
	c.ReplyLines(code, first, between[:last], between[last])
}

// ReplyLines sends a reply of several lines (RFC 959, 4.2): first and last
// carry the code, those between start with a space.
func (c *Conn) ReplyLines(code int, first string, between []string, last string) {
	text := fmt.Sprintf("%d-%s\r\n", code, first)
	for _, l := range between {
		text += " " + l + "\r\n"
	}
	c.send(text + fmt.Sprintf("%d %s\r\n", code, last))
}

// send sends a whole reply in the client's character set. Every text that goes to the
// client passes here.
func (c *Conn) send(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	limit := writeTimeout
	switch {
	case c.ctx.Err() != nil:
		limit = partingTime
	case !c.due.IsZero():
		limit = min(limit, max(time.Until(c.due), partingTime))
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(limit))
	if c.observer != nil {
		c.observer.Sent(text)
	}
	if _, err := io.WriteString(c.conn, encoded(c.charset, text)); err != nil {
		// The reader sees the broken connection too, and ends the session.
		c.log.Debug("cannot send a reply", "err", err)
		_ = c.raw.Close()
	}
	c.pace.reply()
}

// SetCharset sets the character set of names on the wire; nil is UTF-8.
func (c *Conn) SetCharset(set *charset.Charset) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.charset = set
}

// Charset is the character set of names on the wire; nil is UTF-8.
func (c *Conn) Charset() *charset.Charset {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.charset
}

// CanSend reports whether text can be written in the client's character set.
func (c *Conn) CanSend(text string) bool {
	_, ok := c.Charset().Encode(text)
	return ok
}

// encoded is a reply in the client's character set. A name that is not in there is left
// out: the client could not use what it would see.
func encoded(set *charset.Charset, text string) string {
	encoded, ok := set.Encode(text)
	switch {
	case ok:
		return encoded
	case strings.HasPrefix(text, "230"):
		return set.Show(text) // the operator's own words
	}
	return "550 The answer has a name that your character set lacks\r\n"
}

// LastLine reports whether text ends the reply that begins with the line first, and the
// reply's code (RFC 959, 4.2).
func LastLine(first, text string) (code int, last bool) {
	if len(text) < 4 || text[3] != ' ' || text[:3] != first[:min(3, len(first))] {
		return 0, false
	}
	code, err := strconv.Atoi(text[:3])
	return code, err == nil && code >= 100 && code < 600
}
