package clients

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"strconv"
	"strings"

	"github.com/jlaffaye/ftp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// cmdJlaffaye does in one session what a file says.
func cmdJlaffaye(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jlaffaye FILE")
	}
	c, err := dialJlaffaye(siteOf(ts))
	ts.Check(err)
	doLines(ts, args[0], jlaffayeSession{ts, c}.do, func(err error) string {
		if refusal, ok := errors.AsType[*textproto.Error](err); ok {
			return strconv.Itoa(refusal.Code)
		}
		return ""
	})
	ts.Check(c.Quit())
}

func dialJlaffaye(s site) (*ftp.ServerConn, error) {
	options := []ftp.DialOption{ftp.DialWithTimeout(patience.Limit())}
	if s.tls {
		pem, err := os.ReadFile(s.certificate)
		if err != nil {
			return nil, err
		}
		host, _ := s.hostPort(overFTP)
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		options = append(options, ftp.DialWithExplicitTLS(&tls.Config{
			ServerName: host, RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(8),
		}))
	}
	c, err := ftp.Dial(s.addr(), options...)
	if err != nil {
		return nil, err
	}
	if err := c.Login(s.user, password); err != nil {
		return nil, errors.Join(err, c.Quit())
	}
	return c, nil
}

type jlaffayeSession struct {
	ts *testscript.TestScript
	c  *ftp.ServerConn
}

func (s jlaffayeSession) do(command, a, b string) error {
	switch command {
	case "put":
		return s.c.Stor(b, strings.NewReader(s.ts.ReadFile(a)))
	case "append":
		return s.c.Append(b, strings.NewReader(s.ts.ReadFile(a)))
	case "reput":
		there, err := s.c.FileSize(b)
		if err != nil {
			return err
		}
		return s.c.StorFrom(b, strings.NewReader(s.ts.ReadFile(a)[there:]), uint64(there))
	case "get":
		return s.get(a, b, nil)
	case "reget":
		return s.get(a, b, []byte(s.ts.ReadFile(b)))
	case "ls":
		return s.list(a)
	case "names":
		names, err := s.c.NameList(a)
		return s.print(strings.Join(names, "\n"), err)
	case "size":
		size, err := s.c.FileSize(a)
		return s.print(size, err)
	case "time":
		at, err := s.c.GetTime(a)
		return s.print(at, err)
	case "pwd":
		dir, err := s.c.CurrentDir()
		return s.print(dir, err)
	case "cd":
		return s.c.ChangeDir(a)
	case "mkdir":
		return s.c.MakeDir(a)
	case "rmdir":
		return s.c.RemoveDir(a)
	case "rename":
		return s.c.Rename(a, b)
	case "delete":
		return s.c.Delete(a)
	}
	return errors.New("no such command")
}

// get puts what comes behind the content that is there.
func (s jlaffayeSession) get(name, file string, there []byte) error {
	r, err := s.c.RetrFrom(name, uint64(len(there)))
	if err != nil {
		return err
	}
	content := bytes.NewBuffer(there)
	_, err = io.Copy(content, r)
	return cmp.Or(err, r.Close(), os.WriteFile(s.ts.MkAbs(file), content.Bytes(), 0o600))
}

func (s jlaffayeSession) list(dir string) error {
	entries, err := s.c.List(dir)
	for _, e := range entries {
		kind := "-"
		if e.Type == ftp.EntryTypeFolder {
			kind = "d"
		}
		fmt.Fprintln(s.ts.Stdout(), kind, e.Size, e.Name)
	}
	return err
}

func (s jlaffayeSession) print(result any, err error) error {
	if err == nil {
		fmt.Fprintln(s.ts.Stdout(), result)
	}
	return err
}
