package usersfile

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/internal/auth"
)

// ErrUnknown is the kind of the error of an edit of a user that the file does not have.
var ErrUnknown = errors.New("there is no such user")

// ErrExists is the kind of the error of adding a user that the file has.
var ErrExists = errors.New("the user exists")

// Users returns the users, in the order of the lines.
func (f *File) Users() []*User {
	var all []*User
	for _, l := range f.Lines {
		if l.User != nil {
			all = append(all, l.User)
		}
	}
	return all
}

// Has reports whether the file has a user.
func (f *File) Has(name string) bool { return f.line(name) != nil }

// Add adds a user at the end.
func (f *File) Add(u User) error {
	if err := errors.Join(CheckName(u.Name), CheckHome(u.Home), CheckRights(u.Rights), checkChanged(u.Changed)); err != nil {
		return err
	}
	if l := f.line(u.Name); l != nil {
		return fmt.Errorf("%w: line %d", ErrExists, l.Number)
	}
	f.Lines = append(f.Lines, &Line{Number: len(f.Lines) + 1, Text: u.text(), User: &u})
	return nil
}

// SetPassword replaces the hash of a user, and the day of the change, "" for unknown. A
// disabled user stays disabled.
func (f *File) SetPassword(name, hash, changed string) error {
	if err := checkChanged(changed); err != nil {
		return err
	}
	return f.change(name, func(u *User) { u.Hash, u.Changed = hash, changed })
}

// SetDisabled disables or enables a user.
func (f *File) SetDisabled(name string, disabled bool) error {
	return f.change(name, func(u *User) { u.Disabled = disabled })
}

// Remove removes the line of a user.
func (f *File) Remove(name string) error {
	l := f.line(name)
	if l == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	for i := range f.Lines {
		if f.Lines[i] == l {
			f.Lines = append(f.Lines[:i], f.Lines[i+1:]...)
			break
		}
	}
	for i, l := range f.Lines {
		l.Number = i + 1
	}
	return nil
}

// change changes a user and replaces the text of the second field and of the last one.
func (f *File) change(name string, do func(u *User)) error {
	l := f.line(name)
	if l == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	do(l.User)
	hash := l.User.hashField()
	if l.Hash == (Span{}) { // a line that Add has made
		l.Text = l.User.text()
		return nil
	}
	grown := len(hash) - (l.Hash.To - l.Hash.From)
	l.Text = l.Text[:l.Hash.From] + hash + l.Text[l.Hash.To:]
	l.Hash.To += grown
	for _, later := range []*Span{&l.Home, &l.Rights, &l.Changed} {
		if *later != (Span{}) {
			later.From += grown
			later.To += grown
		}
	}
	l.setChanged()
	return nil
}

// setChanged replaces the text of the last field, which the line may not have yet.
func (l *Line) setChanged() {
	day := l.User.Changed
	if l.Changed == (Span{}) {
		if day == "" {
			return
		}
		l.Text += strings.Repeat(separator, maxFields-1-strings.Count(l.Text, separator))
		l.Changed = Span{len(l.Text), len(l.Text)}
	}
	l.Text = l.Text[:l.Changed.From] + day + l.Text[l.Changed.To:]
	l.Changed.To = l.Changed.From + len(day)
}

// line returns the line of a user, or nil.
func (f *File) line(name string) *Line {
	name = auth.Fold(name)
	for _, l := range f.Lines {
		if l.User != nil && auth.Fold(l.User.Name) == name {
			return l
		}
	}
	return nil
}

// text returns the line of a new user.
func (u *User) text() string {
	fields := []string{u.Name, u.hashField(), u.Home, strings.Join(u.Rights, rightSeparator), u.Changed}
	for len(fields) > 2 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	return strings.Join(fields, separator)
}

// hashField returns the second field.
func (u *User) hashField() string {
	if u.Disabled {
		return disabledMark + u.Hash
	}
	return u.Hash
}

// Bytes returns the content of the file. Every line has an end.
func (f *File) Bytes() []byte {
	var b strings.Builder
	if f.mark {
		b.WriteString(byteOrderMark)
	}
	for _, l := range f.Lines {
		b.WriteString(l.Text)
		b.WriteString(cmp.Or(f.end, "\n"))
	}
	return []byte(b.String())
}
