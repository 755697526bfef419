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

// hashPassword prints the hash of a password: one that is typed twice and not
// shown, or the first line of what is piped in.
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
			return "", errors.New("the passwords are not the same")
		}
		return first, nil
	}
	line, err := bufio.NewReader(io.LimitReader(p.stdin, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", err
	}
	return strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"), nil
}

// askPassword reads a line that is not shown. When ctx ends, it gives the
// terminal its echo back.
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
	// Nothing ends a read from a terminal, so when ctx does, the goroutine
	// stays until the process is gone, which is at once.
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
