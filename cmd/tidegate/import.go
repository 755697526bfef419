package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/tidegate/tidegate/cmd/internal/migrate"
	"github.com/tidegate/tidegate/config/usersfile"
	"github.com/tidegate/tidegate/internal/auth"
)

const importDetails = `It prints a users file (see docs/users.md) on standard output, and on standard
error what could not be carried over. FORMAT is one of

  vsftpd   the text with names and passwords by turns that db_load reads, or
           NAME:HASH lines of pam_pwdfile
  proftpd  a file of AuthUserFile
  sftpgo   a dump in JSON, as dumpdata makes it
  iis      a CSV file with the header Name,Home,Permissions,Enabled

Users whose passwords cannot be carried are disabled.

Exit status:
  0  done; standard error has notes
  1  the file cannot be read
  2  the command line is wrong`

// importUsers prints a users file made of the users of another server.
func (p *program) importUsers(ctx context.Context, args []string) error {
	set := newFlags("import")
	root := set.String("root", "", "`directory` of the old server that becomes the root of the users; homes are carried below it")
	rest, err := p.parse(set, args, 2, 2)
	if err != nil {
		return err
	}
	if !slices.Contains(migrate.Formats(), rest[0]) {
		return usageError{fmt.Sprintf("import: there is no format %q%s", rest[0], didYouMean(rest[0], migrate.Formats())), set.Name()}
	}
	text, err := os.ReadFile(rest[1])
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	hash := func(password string) (string, error) {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		return auth.HashPassword(password)
	}
	result, err := migrate.From(rest[0], text, migrate.Options{Root: *root, Hash: hash})
	if err != nil {
		return fmt.Errorf("import: %s: %w", rest[1], err)
	}
	var f usersfile.File
	for _, u := range result.Users {
		if err := f.Add(u); err != nil {
			return fmt.Errorf("import: user %q: %w", u.Name, err)
		}
	}
	for _, note := range result.Notes {
		fmt.Fprintln(p.stderr, note)
	}
	fmt.Fprintf(p.stderr, "%s.\n", count(len(result.Users), "user"))
	_, err = p.stdout.Write(f.Bytes())
	return err
}
