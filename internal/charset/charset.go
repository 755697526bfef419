package charset

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

// Charset is a character set whose lower half is ASCII. A nil Charset is UTF-8, which needs
// no conversion. Charsets may be used concurrently.
type Charset struct {
	name string
	enc  encoding.Encoding
}

func (c *Charset) String() string {
	if c == nil {
		return "utf-8"
	}
	return c.name
}

// Parse returns the character set with a name of the WHATWG ("cp1252", "shift_jis") or of
// IANA ("IBM850"). For UTF-8 it returns nil.
func Parse(name string) (*Charset, error) {
	enc, err := htmlindex.Get(name)
	if err != nil {
		if enc, err = ianaindex.IANA.Encoding(name); err != nil || enc == nil {
			return nil, fmt.Errorf("charset: %q is not known", name)
		}
	}
	if canonical, err := htmlindex.Name(enc); err == nil && canonical == "utf-8" {
		return nil, nil
	}
	c := &Charset{name, enc}
	if !c.keepsASCII() {
		return nil, errors.New("charset: it changes ASCII characters")
	}
	return c, nil
}

// keepsASCII reports whether ASCII characters are the same in c in every context. In sets
// with escape sequences they are not.
func (c *Charset) keepsASCII() bool {
	var all strings.Builder
	for a := range byte(utf8.RuneSelf) {
		for b := range byte(utf8.RuneSelf) {
			all.WriteByte(a)
			all.WriteByte(b)
		}
	}
	text := all.String()
	decoded, err := c.enc.NewDecoder().String(text)
	encoded, err2 := c.enc.NewEncoder().String(text)
	return err == nil && err2 == nil && decoded == text && encoded == text
}

// Decode converts a text from a client to UTF-8. ok is false when Encode would not return
// the same text.
func (c *Charset) Decode(text string) (decoded string, ok bool) {
	if c == nil || isASCII(text) {
		return text, true
	}
	decoded, err := c.enc.NewDecoder().String(text)
	if err != nil {
		return "", false
	}
	again, err := c.enc.NewEncoder().String(decoded)
	return decoded, err == nil && again == text
}

// Encode converts a text from UTF-8 for a client. ok is false when Decode would not return
// the same text.
func (c *Charset) Encode(text string) (encoded string, ok bool) {
	if c == nil || isASCII(text) {
		return text, true
	}
	encoded, err := c.enc.NewEncoder().String(text)
	if err != nil {
		return "", false
	}
	again, err := c.enc.NewDecoder().String(encoded)
	return encoded, err == nil && again == text
}

// Show converts a text that only people read. A replacement character stands for each
// character that the set lacks.
func (c *Charset) Show(text string) string {
	if encoded, ok := c.Encode(text); ok {
		return encoded
	}
	shown := strings.Map(func(r rune) rune {
		if _, ok := c.Encode(string(r)); ok {
			return r
		}
		return '?'
	}, text)
	encoded, _ := c.Encode(shown)
	return encoded
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
