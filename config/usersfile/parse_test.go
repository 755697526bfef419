package usersfile

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bcrypt is the form of a hash, made of one letter.
func bcryptHash(letter string) string { return "$2y$10$" + strings.Repeat(letter, 53) }

const argon = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"

func TestParse(t *testing.T) {
	a := bcryptHash("a")
	for name, test := range map[string]struct {
		text string
		want []User
	}{
		"empty":                  {"", nil},
		"comments only":          {"# one\n\n  # two\n\t\n", nil},
		"name and hash":          {"u:" + a + "\n", []User{{Name: "u", Hash: a}}},
		"argon2id, with commas":  {"u:" + argon + ":/in:list,write\n", []User{{Name: "u", Hash: argon, Home: "/in", Rights: []string{"list", "write"}}}},
		"no end of the line":     {"u:" + a, []User{{Name: "u", Hash: a}}},
		"CR LF":                  {"u:" + a + "\r\nv:" + a + "\r\n", []User{{Name: "u", Hash: a}, {Name: "v", Hash: a}}},
		"byte order mark":        {"\ufeffu:" + a + "\n", []User{{Name: "u", Hash: a}}},
		"blanks around fields":   {" u : " + a + " : /in : list , read \n", []User{{Name: "u", Hash: a, Home: "/in", Rights: []string{"list", "read"}}}},
		"disabled":               {"u:!" + a + "\n", []User{{Name: "u", Hash: a, Disabled: true}}},
		"disabled, without hash": {"u:!\n", []User{{Name: "u", Disabled: true}}},
		"day of the password":    {"u:" + a + "::: 2026-11-30 \n", []User{{Name: "u", Hash: a, Changed: "2026-11-30"}}},
		"without hash":           {"u::/in\n", []User{{Name: "u", Home: "/in"}}},
		"empty fields":           {"u:" + a + "::\n", []User{{Name: "u", Hash: a}}},
		"a mail address":         {"u@contoso.com:" + a + "\n", []User{{Name: "u@contoso.com", Hash: a}}},
	} {
		t.Run(name, func(t *testing.T) {
			f, problems := Parse([]byte(test.text))
			var got []User
			for _, u := range f.Users() {
				got = append(got, *u)
			}
			if d := cmp.Diff(test.want, got); d != "" || len(problems) > 0 {
				t.Errorf("(-want +got):\n%s\n%v", d, problems)
			}
		})
	}
}

// Every problem has its line and its part of the line, and no problem has a hash, wherever
// that is written.
func TestProblems(t *testing.T) {
	a := bcryptHash("a")
	for _, test := range []struct{ line, part, want string }{
		{"u", "u", "Invalid line of a users file"},
		{a, a, "Invalid line of a users file"},
		{"u:" + a + ":/in:list:2026-11-30:more", "u:" + a + ":/in:list:2026-11-30:more", "Invalid line of a users file"},
		{"u:" + a + ":/in:list:30.11.2026", "30.11.2026", "Invalid date"},
		{"u:" + a + ":::" + a, a, "Invalid date"},
		{":" + a, "", "Invalid user name"},
		{"a/b:" + a, "a/b", "Invalid user name"},
		{"u:plain-" + a, "plain-" + a, "Invalid password hash"},
		{"u:$1$salt$" + strings.Repeat("a", 22), "$1$salt$" + strings.Repeat("a", 22), "Invalid password hash"},
		{"u:!!" + a, "!!" + a, "Invalid password hash"},
		{"u:" + a + ":in", "in", "Invalid path"},
		{"u:" + a + ":/in/../out", "/in/../out", "Invalid path"},
		{"u:" + a + ":" + a, a, "Invalid path"},
		{"u:" + a + ":/in:" + a, a, "Invalid rights"},
		{"u:" + a + ":/in:" + argon, argon, "Invalid rights"},
		{"u:" + a + ":/in:list,wirte", "list,wirte", "Invalid rights"},
		{"u:" + a + ":/in:list,", "list,", "Invalid rights"},
		{"Known:" + a, "Known", "Duplicate user"},
	} {
		text := "# comment\nknown:" + bcryptHash("b") + "\n" + test.line + "\n"
		_, problems := Parse([]byte(text))
		if len(problems) != 1 {
			t.Errorf("%q has the problems %v, want one", test.line, problems)
			continue
		}
		p := problems[0]
		part := p.Line.Text[p.Span.From:p.Span.To]
		if p.Line.Number != 3 || part != test.part || p.Summary != test.want || p.Detail == "" {
			t.Errorf("%q: line %d, %q: %s (%s), want line 3, %q: %s", test.line, p.Line.Number, part, p.Summary, p.Detail, test.part, test.want)
		}
		if said := fmt.Sprint(p); strings.Contains(said, "aaaa") || strings.Contains(said, "POIou") || strings.Contains(said, "PrOQ") {
			t.Errorf("%q: the problem has the hash: %s", test.line, said)
		}
		if text[p.Line.Offset:][:len(test.line)] != test.line {
			t.Errorf("%q begins at byte %d", test.line, p.Line.Offset)
		}
	}
}

// What is no change writes the file as it was, but for the end of the last line.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "u:" + argon + ":/in:list,write\n", "\ufeff# c\r\nu:!x\r\n", "a:b:c:d:e", "a:!:::2026-11-30", "a:!:b:c:d:e", ":::", "u::\n\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, problems := Parse([]byte(text))
		again, same := Parse(parsed.Bytes())
		if len(same) != len(problems) || len(again.Lines) != len(parsed.Lines) {
			t.Errorf("%q is written as %q: %v, then %v", text, parsed.Bytes(), problems, same)
		}
		for _, p := range problems {
			_ = p.Line.Text[p.Span.From:p.Span.To]
		}
		for _, u := range parsed.Users() {
			_ = parsed.SetPassword(u.Name, "x", "2026-11-30")
			changed, _ := Parse(parsed.Bytes())
			if got := changed.line(u.Name); got == nil || got.User == nil || got.User.Changed != "2026-11-30" || got.User.Hash != "x" {
				t.Errorf("%q: after a change the line of %q is %+v", text, u.Name, got)
			}
		}
	})
}
