package ftp

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/vfs"
)

func TestErrorAnswerHidesTheCause(t *testing.T) {
	t.Parallel()
	cause := errors.New("secret-container.example")
	for _, kind := range vfs.Kinds() {
		a := errorAnswer("RETR", &vfs.Error{Kind: kind, Err: cause})
		if strings.Contains(a.text, "secret") || a.text == "" {
			t.Errorf("%v: %q", kind, a.text)
		}
	}
	if a := errorAnswer("RETR", &vfs.Error{Kind: vfs.KindLocked, Reason: "file is archived", Err: cause}); a.text != "File is archived" || a.code != 550 {
		t.Errorf("a reason of the backend becomes %+v", a)
	}
}

// Every entry says what it does, where it is defined, and what the library
// does without it when it is not passed on.
func TestCommandTable(t *testing.T) {
	t.Parallel()
	for verb, c := range commandTable() {
		switch {
		case c.run == nil, c.rfc == "", verb != c.verb, verb != strings.ToUpper(verb):
			t.Errorf("%s: entry is not complete: %+v", verb, c)
		case c.does == answered && c.done != "":
			t.Errorf("%s: an answered command has a text for the library's success", verb)
		}
	}
}
