package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/tidegate/tidegate/internal/auth"
)

// hashPassword prints the hash of a password. It reads the password twice from a terminal,
// without echo, or once from the first line of a pipe.
func (p *program) hashPassword(ctx context.Context, args []string) error {
	if _, err := p.parse(newFlags("hash-password"), args, 0, 0); err != nil {
		return err
	}
	password, err := p.readPassword(ctx)
	if err != nil {
		return err
	}
	hash, err := auth.HashPassword(password)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, hash)
	return err
}

func (p *program) readPassword(ctx context.Context) (string, error) {
	if f, ok := p.stdin.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		first, err := p.askPassword(ctx, f, "Password: ")
		if err != nil {
			return "", err
		}
		second, err := p.askPassword(ctx, f, "Once more: ")
		if err != nil {
			return "", err
		}
		if first != second {
			return "", errors.New("the passwords differ")
		}
		return first, nil
	}
	line, err := bufio.NewReader(io.LimitReader(p.stdin, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// askPassword reads a line without echo. When ctx ends, it restores the echo of the
// terminal.
func (p *program) askPassword(ctx context.Context, f *os.File, prompt string) (string, error) {
	fd := int(f.Fd())
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(p.stderr, prompt)
	type line struct {
		text []byte
		err  error
	}
	// A read from a terminal cannot be cancelled. When ctx ends, the goroutine stays until
	// the process exits, which follows at once.
	done := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		done <- line{text, err}
	}()
	select {
	case l := <-done:
		fmt.Fprintln(p.stderr)
		return string(l.text), l.err
	case <-ctx.Done():
		fmt.Fprintln(p.stderr)
		return "", errors.Join(ctx.Err(), term.Restore(fd, state))
	}
}
