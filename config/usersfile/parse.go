package usersfile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// separator is the end of a field.
	separator = ":"
	// rightSeparator is the end of a right.
	rightSeparator = ","
	// disabledMark is in front of the hash of a disabled user.
	disabledMark = "!"
	// byteOrderMark is what some editors put at the beginning of a file.
	byteOrderMark = "\uFEFF"
	maxFields     = 5
)

// User is one user of a file.
type User struct {
	Name string
	// Hash is that of the password. It is "" for a user without one.
	Hash     string
	Disabled bool
	// Home is the first directory, "" where the line has none.
	Home string
	// Rights are words of vfs.ParseRight. Nil means that the line has none.
	Rights []string
	// Changed is the day on which the password was set, as time.DateOnly. "" is unknown.
	Changed string
}

// Line is one line of a file.
type Line struct {
	// Number begins at 1. Offset is the place of the first byte in the file.
	Number, Offset int
	// Text is the line without its end.
	Text string
	// User is nil for a comment and an empty line, and for a line that is no user's.
	User *User
	// Name, Hash, Home, Rights and Changed are the places of the fields in Text. A field that
	// is missing has the zero Span.
	Name, Hash, Home, Rights, Changed Span
}

// Span is a part of a line: the bytes from From to To.
type Span struct{ From, To int }

// Problem is a mistake in a file.
type Problem struct {
	Line *Line
	Span Span
	// Summary is short and without values. Detail says what is wrong and what to write
	// instead. It has no part of a hash.
	Summary, Detail string
}

// Error returns the problem with its line, for programs that edit the file.
func (p Problem) Error() string {
	return fmt.Sprintf("line %d: %s: %s", p.Line.Number, p.Summary, p.Detail)
}

// File is the content of a file.
type File struct {
	Lines []*Line
	// mark is true for a file that begins with a byte order mark, end is what ends its lines.
	mark bool
	end  string
}

// Parse reads a file. The lines with problems are in the File too.
func Parse(text []byte) (*File, []Problem) {
	all := string(text)
	f := &File{end: "\n"}
	offset := 0
	if rest, ok := strings.CutPrefix(all, byteOrderMark); ok {
		f.mark, all, offset = true, rest, len(byteOrderMark)
	}
	var problems []Problem
	seen := map[string]*Line{}
	for raw := range strings.Lines(all) {
		line := &Line{Number: len(f.Lines) + 1, Offset: offset, Text: strings.TrimSuffix(raw, "\n")}
		if cut, ok := strings.CutSuffix(line.Text, "\r"); ok {
			line.Text, f.end = cut, "\r\n"
		}
		offset += len(raw)
		f.Lines = append(f.Lines, line)
		problems = append(problems, line.parse()...)
		if line.User == nil {
			continue
		}
		name := auth.Fold(line.User.Name)
		if first, ok := seen[name]; ok {
			problems = append(problems, Problem{
				line, line.Name, "Duplicate user",
				fmt.Sprintf("Line %d has the user too; case does not matter. Remove one of the lines.", first.Number),
			})
			continue
		}
		seen[name] = line
	}
	return f, problems
}

// parse reads the fields of the line.
func (l *Line) parse() []Problem {
	trimmed := strings.TrimSpace(l.Text)
	if trimmed == "" || strings.HasPrefix(trimmed, "#") {
		return nil
	}
	all := strings.Split(l.Text, separator)
	if len(all) < 2 || len(all) > maxFields {
		return []Problem{{
			l,
			Span{0, len(l.Text)},
			"Invalid line of a users file",
			fmt.Sprintf("It has %d fields. Write NAME:HASH[:HOME[:RIGHTS[:CHANGED]]]; only the block user can have a home with a colon.", len(all)),
		}}
	}
	spans := make([]Span, maxFields)
	fields := make([]string, maxFields)
	at := 0
	for i, text := range all {
		fields[i] = strings.TrimSpace(text)
		from := at + strings.Index(text, fields[i])
		spans[i] = Span{from, from + len(fields[i])}
		at += len(text) + len(separator)
	}
	l.Name, l.Hash, l.Home, l.Rights, l.Changed = spans[0], spans[1], spans[2], spans[3], spans[4]
	u := &User{Name: fields[0], Home: fields[2], Changed: fields[4]}
	u.Hash, u.Disabled = strings.CutPrefix(fields[1], disabledMark)
	if fields[3] != "" {
		for word := range strings.SplitSeq(fields[3], rightSeparator) {
			u.Rights = append(u.Rights, strings.TrimSpace(word))
		}
	}
	l.User = u
	return l.check()
}

// check reports what the line alone shows to be wrong.
func (l *Line) check() []Problem {
	var problems []Problem
	report := func(at Span, summary, detail string) {
		problems = append(problems, Problem{l, at, summary, detail})
	}
	u := l.User
	if err := CheckName(u.Name); err != nil {
		report(l.Name, "Invalid user name", fmt.Sprintf("This cannot name a user: %v.", err))
	}
	if u.Hash != "" {
		if err := auth.CheckHash(u.Hash); err != nil {
			report(l.Hash, "Invalid password hash", fmt.Sprintf("This cannot be used: %v. Write it with: tidegate user passwd.", err))
		}
	}
	if err := CheckHome(u.Home); err != nil {
		report(l.Home, "Invalid path", fmt.Sprintf("This cannot be a home: %v.", err))
	}
	if err := CheckRights(u.Rights); err != nil {
		report(l.Rights, "Invalid rights", fmt.Sprintf("%v.", err))
	}
	if err := checkChanged(u.Changed); err != nil {
		report(l.Changed, "Invalid date", fmt.Sprintf("%v.", err))
	}
	return problems
}

// CheckName reports why a name cannot be written to a file.
func CheckName(name string) error {
	switch {
	case strings.Contains(name, separator):
		return fmt.Errorf("%q ends the name in a users file", separator)
	case strings.HasPrefix(name, "#"):
		return fmt.Errorf("%q begins a comment in a users file", "#")
	}
	return auth.CheckUser(name)
}

// CheckHome reports why a text cannot be the first directory of a user. "" means that there
// is none.
func CheckHome(home string) error {
	if home == "" {
		return nil
	}
	switch _, err := vfs.ParsePath(vfs.Path{}, home); {
	case err != nil:
		return errors.New(vfs.ReasonOf(err))
	case strings.Contains(home, separator):
		return fmt.Errorf("%q ends the field in a users file", separator)
	case !strings.HasPrefix(home, "/"):
		return errors.New("write it from the root, with a slash in front")
	case slices.Contains(strings.Split(home, "/"), ".."):
		return fmt.Errorf("write it without %q", "..")
	}
	return nil
}

// checkChanged reports why a text cannot be the day of a change. "" means that it is unknown.
func checkChanged(day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return errors.New("write the day on which the password was set, such as 2026-11-30")
	}
	return nil
}

// plainWord is a word that can be shown. Everything else may be a hash in the wrong field.
var plainWord = regexp.MustCompile(`^[A-Za-z_-]{1,16}$`)

// CheckRights reports the first word that is no right.
func CheckRights(words []string) error {
	for _, word := range words {
		if _, ok := vfs.ParseRight(word); ok {
			continue
		}
		what := "a word"
		if plainWord.MatchString(word) {
			what = strconv.Quote(word)
		}
		return fmt.Errorf("%s is no right; write some of %s", what, strings.Join(vfs.Rights(), rightSeparator))
	}
	return nil
}
