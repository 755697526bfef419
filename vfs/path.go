package vfs

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxPathBytes is the length of the longest path that is parsed. Stores have limits of
// their own, which they report as KindInvalid.
const maxPathBytes = 4096

// Path names one place in a tree. It is absolute, separated by "/", and holds
// no empty element, no "." and no "..". It is valid UTF-8. It holds no control character
// (C0, DEL, C1) and none that controls the direction of text, because a terminal or a page
// could then show another name. The zero value is the root.
//
// A client's path may end in "/", "/." or "/..". Then it can only name a directory, as in
// POSIX, and OnlyDir reports that. The View refuses such a path where an operation wants a
// file, before it asks a store. Paths are comparable; two that differ in OnlyDir or
// EndsInDots alone are not equal, but their Place is.
//
// Only ParsePath and Child make a Path from outside text, so a raw string from the wire or
// from a store's listing is never used as a path.
type Path struct {
	// name is "" for the root and "/a/b" otherwise.
	name string
	// onlyDir is false for the root, which is a directory anyway.
	onlyDir bool
	// dots is true when the last element was written as "." or "..".
	dots bool
}

// ParsePath parses raw as a client sends it: absolute, or relative to cwd. "//" means "/",
// "." means nothing and ".." means the parent; the parent of the root is the root. The
// error is of KindInvalid.
func ParsePath(cwd Path, raw string) (Path, error) {
	if len(raw) > maxPathBytes {
		return Path{}, &Error{Kind: KindInvalid, Reason: "path is too long"}
	}
	p := cwd.Place()
	if strings.HasPrefix(raw, "/") {
		p = Path{}
	}
	for name := range strings.SplitSeq(raw, "/") {
		switch name {
		case "", ".":
			continue
		case "..":
			p = p.Dir()
			continue
		}
		child, err := p.Child(name)
		if err != nil {
			return Path{}, err
		}
		p = child
	}
	if len(p.name) > maxPathBytes {
		return Path{}, &Error{Kind: KindInvalid, Reason: "path is too long"}
	}
	if !p.IsRoot() {
		p.onlyDir, p.dots = NamesDir(raw), endsInDots(raw)
	}
	return p, nil
}

// NamesDir reports whether raw, as a client sends it, can only name a directory: its last
// element is empty, "." or "..".
func NamesDir(raw string) bool {
	switch raw[strings.LastIndexByte(raw, '/')+1:] {
	case "", ".", "..":
		return true
	}
	return false
}

// endsInDots reports whether the last element of raw is "." or "..".
func endsInDots(raw string) bool {
	last := strings.TrimRight(raw, "/")
	last = last[strings.LastIndexByte(last, '/')+1:]
	return last == "." || last == ".."
}

// Ending returns the suffix that a program which cleans raw must append to the result, so
// that ParsePath yields the same OnlyDir and EndsInDots.
func Ending(raw string) string {
	switch {
	case endsInDots(raw):
		return "/."
	case NamesDir(raw):
		return "/"
	}
	return ""
}

// MustParse is ParsePath from the root for paths that are constants in the program. A slash
// at the end has no meaning there. It panics when raw is not a valid path.
func MustParse(raw string) Path {
	p, err := ParsePath(Path{}, raw)
	if err != nil {
		panic(fmt.Sprintf("vfs: MustParse(%q): %v", raw, err))
	}
	return p.Place()
}

// OnlyDir reports whether the text that p was parsed from can only name a
// directory. It is false for the root.
func (p Path) OnlyDir() bool { return p.onlyDir }

// EndsInDots reports whether the last element of the text that p was parsed from is
// "." or "..", whatever slashes follow. It is false for the root. rmdir(2) and
// rename(2) refuse such a path.
func (p Path) EndsInDots() bool { return p.dots }

// Place returns p with OnlyDir and EndsInDots false, to compare paths and to use them as
// keys of maps.
func (p Path) Place() Path { return Path{name: p.name} }

// Child returns the entry called name in the directory p. The error is of
// KindInvalid when no Path can hold the name; a backend whose store holds such
// a name leaves it out of its listings.
func (p Path) Child(name string) (Path, error) {
	switch {
	case name == "" || name == "." || name == "..":
		return Path{}, &Error{Kind: KindInvalid, Reason: "not a name"}
	case !utf8.ValidString(name):
		return Path{}, &Error{Kind: KindInvalid, Reason: "name is not valid UTF-8"}
	}
	for _, r := range name {
		switch {
		case r == '/' || r < 0x20 || 0x7f <= r && r <= 0x9f:
			return Path{}, &Error{Kind: KindInvalid, Reason: "name holds a control character or a separator"}
		case r > 0x9f && unicode.Is(unicode.Bidi_Control, r):
			return Path{}, &Error{Kind: KindInvalid, Reason: "name holds a character that changes the direction of text"}
		}
	}
	return Path{name: p.name + "/" + name}, nil
}

// String returns the path with a leading slash; the root is "/".
func (p Path) String() string {
	if p.name == "" {
		return "/"
	}
	return p.name
}

// Rel returns the path without its leading slash, as stores want it; the root
// is "".
func (p Path) Rel() string { return strings.TrimPrefix(p.name, "/") }

// IsRoot reports whether p is the root.
func (p Path) IsRoot() bool { return p.name == "" }

// Base returns the last element, "" for the root.
func (p Path) Base() string { return p.name[strings.LastIndexByte(p.name, '/')+1:] }

// Dir returns the directory that p is in. The root is in itself.
func (p Path) Dir() Path {
	if p.name == "" {
		return p
	}
	return Path{name: p.name[:strings.LastIndexByte(p.name, '/')]}
}

// Join returns the path of q in the outer tree, in which p is the root of q's tree.
func (p Path) Join(q Path) Path { return Path{name: p.name + q.name} }

// Cut is the reverse of Join: it returns the path of p in the tree whose root is dir, and
// whether p is dir or lies below it. "/ab" does not lie below "/a".
func (p Path) Cut(dir Path) (Path, bool) {
	rest, ok := strings.CutPrefix(p.name, dir.name)
	if !ok || (rest != "" && rest[0] != '/') {
		return Path{}, false
	}
	return Path{name: rest}, true
}

// Depth returns the number of elements, 0 for the root.
func (p Path) Depth() int { return strings.Count(p.name, "/") }
