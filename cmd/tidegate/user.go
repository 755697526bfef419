package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/tidegate/tidegate/config/usersfile"
	"github.com/tidegate/tidegate/internal/auth"
)

const userDetails = `FILE is a users file, as the argument users_file of a tenant names it. It is
changed under a lock and replaced at once; comments, the order of the lines,
the mode and the owner of the file stay. See docs/users.md.

  tidegate user add      [-home DIR] [-allow RIGHTS] [-disabled] FILE NAME
  tidegate user passwd   FILE NAME
  tidegate user list     FILE
  tidegate user rm       FILE NAME
  tidegate user disable  FILE NAME
  tidegate user enable   FILE NAME

add and passwd ask for the password, or read it from standard input when that
is no terminal: it is never an argument, because every user of the machine can
see those. A gateway that watches the file applies the change by itself; see
docs/reload.md.

Exit status:
  0  done
  1  not done: there is no such user, the user exists, or the file cannot be
     read or written; for list, the file has problems
  2  the command line is wrong`

const userAddDetails = `FILE is created if it does not exist.`

// userCommands are the sub-commands of user.
func userCommands() []command {
	return []command{
		{"user add", "FILE NAME", "add a user to a users file, with a password", (*program).userAdd, userAddDetails},
		{"user passwd", "FILE NAME", "change the password of a user", (*program).userPasswd, ""},
		{"user list", "FILE", "list the users, and report the problems of the file", (*program).userList, ""},
		{"user rm", "FILE NAME", "remove a user", (*program).userRemove, ""},
		{"user disable", "FILE NAME", "refuse every login of a user, and keep the line", (*program).userDisable, ""},
		{"user enable", "FILE NAME", "let a disabled user log in again", (*program).userEnable, ""},
	}
}

// user runs one of userCommands.
func (p *program) user(ctx context.Context, args []string) error {
	return below(ctx, p, "user", userCommands(), args)
}

func (p *program) userAdd(ctx context.Context, args []string) error {
	set := newFlags("user add")
	home := set.String("home", "", "first `directory` of the user's sessions (default that of the tenant's users)")
	allow := set.String("allow", "", "the user's `rights`, such as list,read,write (default those of the tenant's users)")
	disabled := set.Bool("disabled", false, "refuse every login, until tidegate user enable")
	rest, err := p.parse(set, args, 2, 2)
	if err != nil {
		return err
	}
	u := usersfile.User{Name: rest[1], Home: *home, Disabled: *disabled}
	if *allow != "" {
		u.Rights = strings.FieldsFunc(*allow, func(r rune) bool { return r == ',' || r == ' ' })
	}
	for _, wrong := range []struct {
		what string
		err  error
	}{{"NAME", usersfile.CheckName(u.Name)}, {"-home", usersfile.CheckHome(u.Home)}, {"-allow", usersfile.CheckRights(u.Rights)}} {
		if wrong.err != nil {
			return usageError{fmt.Sprintf("user add: %s: %v", wrong.what, wrong.err), set.Name()}
		}
	}
	if f, _, err := usersfile.ReadFile(rest[0]); err == nil && f.Has(u.Name) {
		return fmt.Errorf("user add: %w: %s in %s", usersfile.ErrExists, shown(u.Name), rest[0])
	}
	if u.Hash, err = p.newHash(ctx); err != nil {
		return err
	}
	u.Changed = today()
	created, err := usersfile.Edit(rest[0], true, func(f *usersfile.File) error { return f.Add(u) })
	if err != nil {
		return fmt.Errorf("user add: %s: %w", rest[0], err)
	}
	if created {
		fmt.Fprintf(p.stdout, "created %s\n", rest[0])
	}
	return p.edited("added", rest)
}

func (p *program) userPasswd(ctx context.Context, args []string) error {
	rest, err := p.parse(newFlags("user passwd"), args, 2, 2)
	if err != nil {
		return err
	}
	f, _, err := usersfile.ReadFile(rest[0])
	if err != nil {
		return fmt.Errorf("user passwd: %w", err)
	}
	if !f.Has(rest[1]) {
		return fmt.Errorf("user passwd: %s: %w: %s", rest[0], usersfile.ErrUnknown, shown(rest[1]))
	}
	hash, err := p.newHash(ctx)
	if err != nil {
		return err
	}
	return p.edit("user passwd", "changed the password of", rest, func(f *usersfile.File) error { return f.SetPassword(rest[1], hash, today()) })
}

func (p *program) userRemove(_ context.Context, args []string) error {
	rest, err := p.parse(newFlags("user rm"), args, 2, 2)
	if err != nil {
		return err
	}
	return p.edit("user rm", "removed", rest, func(f *usersfile.File) error { return f.Remove(rest[1]) })
}

func (p *program) userDisable(_ context.Context, args []string) error {
	rest, err := p.parse(newFlags("user disable"), args, 2, 2)
	if err != nil {
		return err
	}
	return p.edit("user disable", "disabled", rest, func(f *usersfile.File) error { return f.SetDisabled(rest[1], true) })
}

func (p *program) userEnable(_ context.Context, args []string) error {
	rest, err := p.parse(newFlags("user enable"), args, 2, 2)
	if err != nil {
		return err
	}
	return p.edit("user enable", "enabled", rest, func(f *usersfile.File) error { return f.SetDisabled(rest[1], false) })
}

// today is the day of a change of a password, as a users file has it.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// newHash reads a password and returns its hash.
func (p *program) newHash(ctx context.Context) (string, error) {
	password, err := p.readPassword(ctx)
	if err != nil {
		return "", err
	}
	return auth.HashPassword(password)
}

// edit changes a file that exists, and says what was done. rest has the file and the name of
// the user.
func (p *program) edit(name, done string, rest []string, change func(*usersfile.File) error) error {
	if _, err := usersfile.Edit(rest[0], false, change); err != nil {
		return fmt.Errorf("%s: %s: %w", name, rest[0], err)
	}
	return p.edited(done, rest)
}

// edited says what was done, and warns of the problems that the file has nevertheless.
func (p *program) edited(done string, rest []string) error {
	_, err := fmt.Fprintf(p.stdout, "%s %s\n", done, shown(rest[1]))
	if _, problems, failed := usersfile.ReadFile(rest[0]); failed == nil {
		for _, problem := range problems {
			fmt.Fprintf(p.stderr, "warning: %s: %v\n", rest[0], problem)
		}
	}
	return err
}

func (p *program) userList(_ context.Context, args []string) error {
	rest, err := p.parse(newFlags("user list"), args, 1, 1)
	if err != nil {
		return err
	}
	f, problems, err := usersfile.ReadFile(rest[0])
	if err != nil {
		return fmt.Errorf("user list: %w", err)
	}
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tLOGIN\tHASH\tHOME\tRIGHTS\tCHANGED")
	for _, u := range f.Users() {
		login := "enabled"
		if u.Disabled {
			login = "disabled"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", shown(u.Name), login, auth.HashKind(u.Hash),
			orDash(shown(u.Home)), orDash(shown(strings.Join(u.Rights, ","))), orDash(shown(u.Changed)))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var all []error
	for _, problem := range problems {
		all = append(all, fmt.Errorf("%s: %w", rest[0], problem))
	}
	return errors.Join(all...)
}

// orDash marks an empty field.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// shown returns a text of a file for the terminal: quoted if it has control characters.
func shown(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return text
}
