package ftp

import (
	"strings"

	"github.com/tidegate/tidegate/internal/charset"
)

// charset is the character set of the client's names. Before the login, names
// are of users only, and those are UTF-8.
func (s *session) charset() *charset.Charset {
	if s.utf8 || !s.loggedIn() {
		return nil
	}
	return s.account.Dialect.Charset
}

// encoded is a reply in the client's character set. A name that is not in there
// is not told: the client could not use what it would see.
func (s *session) encoded(text string) string {
	c := s.charset()
	encoded, ok := c.Encode(text)
	switch {
	case ok:
		return encoded
	case strings.HasPrefix(text, "230"):
		return c.Show(text) // the operator's own words
	}
	return "550 The answer has a name that your character set lacks\r\n"
}

// encodeLine is a line of a listing in the client's character set. ok is false
// for an entry that must be left out, because its name is not in there.
func (s *session) encodeLine(text string) (line string, ok bool) { return s.charset().Encode(text) }

// tellable reports whether a line can be a part of a reply.
func (s *session) tellable(text string) bool {
	_, ok := s.encodeLine(text)
	return ok
}
