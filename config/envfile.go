package config

import (
	"maps"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// ReadEnv returns the variables in a file of lines KEY=VALUE, read as systemd reads the
// files of EnvironmentFile=. Lines that systemd ignores without a word are warnings here.
// No diagnostic has a value.
func ReadEnv(path string) (map[string]string, hcl.Diagnostics) {
	b, err := readRegular(path, maxFileBytes)
	if err != nil {
		return nil, hcl.Diagnostics{Problem(whole(path), "Cannot read the environment file", err.Error()+".")}
	}
	if !utf8.Valid(b) || strings.ContainsRune(string(b), 0) {
		return nil, hcl.Diagnostics{Problem(whole(path), "Environment file is no text", "The file is not UTF-8 text, or has the character NUL in it.")}
	}
	e := envFile{file: Source{Name: path, Bytes: b}, text: string(b), values: map[string]string{}}
	for e.next < len(e.text) {
		e.line()
	}
	return e.values, append(e.diags, CheckPrivate(path, whole(path))...)
}

// variableName matches the name of a variable. systemd ignores others.
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

const blanks = " \t\r\n"

// envFile reads the file from the beginning to the end.
type envFile struct {
	file   Source
	text   string
	next   int // the offset of the next byte
	values map[string]string
	diags  hcl.Diagnostics
}

// line reads one line, or the lines of one value.
func (e *envFile) line() {
	e.skip(blanks)
	begin := e.next
	if begin == len(e.text) {
		return
	}
	end := begin + strings.IndexAny(e.text[begin:]+"\n", "\r\n")
	if strings.ContainsRune("#;", rune(e.text[begin])) {
		e.next = end
		return
	}
	name, _, found := strings.Cut(e.text[begin:end], "=")
	if !found {
		e.next = end
		e.warn(begin, "Line is no assignment", `The line has no "=" and is ignored. Write NAME=VALUE.`)
		return
	}
	e.next = begin + len(name) + 1
	value, closed := e.value()
	name = strings.TrimRight(name, blanks)
	switch {
	case !closed:
		d := Problem(e.file.at(begin, begin+len(name)), "Unclosed quote", "The value has no closing quote, so the rest of the file would belong to it.")
		e.diags = append(e.diags, d)
	case !variableName.MatchString(name):
		detail := "The line is ignored: the name of a variable has letters, digits and \"_\", and begins with no digit."
		if strings.HasPrefix(name, "export ") {
			detail = `The line is ignored. Write it without "export".`
		}
		e.warn(begin, "Invalid name of a variable", detail)
	default:
		e.values[name] = value
	}
}

// value reads a value: parts in quotes and a last part without. closed is false for a
// quote without its end.
func (e *envFile) value() (text string, closed bool) {
	var b strings.Builder
	for {
		e.skip(" \t")
		if e.next == len(e.text) {
			return b.String(), true
		}
		switch e.text[e.next] {
		case '\n', '\r':
			return b.String(), true
		case '\'', '"':
			if !e.quoted(&b) {
				return "", false
			}
		default:
			b.WriteString(e.plain())
			return b.String(), true
		}
	}
}

// quoted reads a part in quotes, which may have several lines.
func (e *envFile) quoted(b *strings.Builder) (closed bool) {
	quote := e.text[e.next]
	for e.next++; e.next < len(e.text); e.next++ {
		c := e.text[e.next]
		switch {
		case c == quote:
			e.next++
			return true
		case c == '\\' && quote == '"' && e.next+1 < len(e.text):
			e.next++
			c = e.text[e.next]
			if !strings.ContainsRune("\"\\`$\n", rune(c)) {
				b.WriteByte('\\')
			}
			if c != '\n' {
				b.WriteByte(c)
			}
		default:
			b.WriteByte(c)
		}
	}
	return false
}

// plain reads the rest of a line without the white space at its end. A backslash keeps the
// next character, and joins the next line to this one.
func (e *envFile) plain() string {
	var text []byte
	kept := 0 // the length of text up to the last character that counts
	for ; e.next < len(e.text) && e.text[e.next] != '\n' && e.text[e.next] != '\r'; e.next++ {
		c := e.text[e.next]
		if c == '\\' {
			if e.next++; e.next == len(e.text) {
				break
			}
			if c = e.text[e.next]; c == '\n' || c == '\r' {
				kept = len(text)
				continue
			}
			text = append(text, c)
			kept = len(text)
			continue
		}
		text = append(text, c)
		if c != ' ' && c != '\t' {
			kept = len(text)
		}
	}
	return string(text[:kept])
}

// skip skips the given characters.
func (e *envFile) skip(chars string) {
	rest := strings.TrimLeft(e.text[e.next:], chars)
	e.next = len(e.text) - len(rest)
}

// warn warns of the line that begins at an offset.
func (e *envFile) warn(begin int, summary, detail string) {
	e.diags = append(e.diags, Warning(e.file.at(begin, begin), summary, detail))
}

// EnvOf returns the variables of several files. When several files define a variable, the value
// of the last file is used.
func EnvOf(paths []string) (map[string]string, hcl.Diagnostics) {
	all := map[string]string{}
	var diags hcl.Diagnostics
	for _, path := range paths {
		values, more := ReadEnv(path)
		diags = append(diags, more...)
		maps.Copy(all, values)
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return all, diags
}
