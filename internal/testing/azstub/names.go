package azstub

import (
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits of names, as documented under "Naming and referencing containers,
// blobs, and metadata".
const (
	maxNameUnits    = 1024 // UTF-16 code units of a blob name
	maxNameSegments = 254  // segments between slashes
)

// CannotHold reports whether Azure cannot hold an entry called name as it is: what suites expect
// of a store there, written without the rules of the backend.
func CannotHold(name string) bool {
	return strings.HasSuffix(name, ".") || strings.ContainsAny(name, "\\\u0085\ufffd\ufffe\uffff") || utf8.RuneCountInString(name) > 1000
}

// target is the resource that the path of a request names. An empty container
// is the account itself, an empty blob the container.
type target struct {
	account, container, blob string
}

// parseTarget takes the path as it was sent, in the path style that emulators
// use (/account/container/blob), and decodes the blob name exactly once.
func parseTarget(escaped string) (target, error) {
	var t target
	rest := strings.TrimPrefix(escaped, "/")
	t.account, rest, _ = strings.Cut(rest, "/")
	var name string
	t.container, name, _ = strings.Cut(rest, "/")
	var err error
	if t.container, err = url.PathUnescape(t.container); err != nil {
		return t, errInvalidURI
	}
	if t.blob, err = url.PathUnescape(name); err != nil {
		return t, errInvalidURI
	}
	return t, nil
}

// parse takes the path of a request. A hierarchical namespace has no empty segments.
func (s *Server) parse(escaped string) (target, error) {
	t, err := parseTarget(escaped)
	if s.opts.HNS {
		t.blob = cleanPath(t.blob)
	}
	return t, err
}

// checkNames applies the naming rules to what t names.
func (s *Server) checkNames(t target) error {
	if s.opts.HNS && strings.Count(t.blob, "/")+1 > maxDepth {
		return errPathTooDeep
	}
	if t.container != "" {
		if err := checkContainerName(t.container); err != nil {
			return err
		}
	}
	if t.blob != "" {
		return checkBlobName(t.blob)
	}
	return nil
}

func checkContainerName(name string) error {
	switch name {
	case "$root", "$logs", "$web":
		return nil
	}
	if len(name) < 3 || len(name) > 63 {
		return errOutOfRangeInput
	}
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return errInvalidResourceName
		}
	}
	if name[0] == '-' || strings.HasSuffix(name, "-") || strings.Contains(name, "--") {
		return errInvalidResourceName
	}
	return nil
}

func checkBlobName(name string) error {
	switch {
	case !utf8.ValidString(name):
		return errInvalidURI
	case utf16Len(name) > maxNameUnits:
		return errOutOfRangeInput
	case strings.Count(name, "/")+1 > maxNameSegments:
		return errInvalidResourceName
	}
	return nil
}

// utf16Len counts the code units of s; the service's limits are counted so.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
}

// compareUTF16 orders names by UTF-16 code unit, which differs from the order
// of their bytes only where a character beyond the basic plane meets one of
// U+E000 to U+FFFF. Listings come in this order, as Azurite's do.
func compareUTF16(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	ra, _ := utf8.DecodeRuneInString(a[i:])
	rb, _ := utf8.DecodeRuneInString(b[i:])
	if ua, ub := firstUnit(ra), firstUnit(rb); ua != ub {
		return int(ua - ub)
	}
	return int(ra - rb)
}

// firstUnit is the first UTF-16 code unit of r.
func firstUnit(r rune) rune {
	if r > 0xFFFF {
		hi, _ := utf16.EncodeRune(r)
		return hi
	}
	return r
}
