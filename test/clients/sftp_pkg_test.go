package clients

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"golang.org/x/sync/errgroup"

	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// cmdPkgSFTP does in one session what a file says, with many requests on their way.
func cmdPkgSFTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: pkg-sftp FILE")
	}
	s := siteOf(ts)
	hostKey, err := knownhosts.New(s.knownHosts)
	ts.Check(err)
	conn, err := ssh.Dial("tcp", s.addr(), &ssh.ClientConfig{
		User: s.user, Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: hostKey, HostKeyAlgorithms: []string{ssh.KeyAlgoED25519}, Timeout: patience.Limit(),
	})
	ts.Check(err)
	defer conn.Close()
	c, err := sftp.NewClient(conn, sftp.UseConcurrentWrites(true), sftp.UseConcurrentReads(true))
	ts.Check(err)
	doLines(ts, args[0], pkgSession{ts, c}.do, codeOf)
	ts.Check(c.Close())
}

// codeOf returns the code of the status that caused an error. The library hides some codes.
func codeOf(err error) string {
	status, ok := errors.AsType[*sftp.StatusError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "2"
	case errors.Is(err, fs.ErrPermission):
		return "3"
	case ok:
		return strconv.FormatUint(uint64(status.Code), 10)
	}
	return ""
}

type pkgSession struct {
	ts *testscript.TestScript
	c  *sftp.Client
}

func (s pkgSession) do(command, a, b string) error {
	switch command {
	case "put":
		return s.send(b, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, s.ts.ReadFile(a))
	case "append":
		return s.send(b, os.O_WRONLY|os.O_APPEND, s.ts.ReadFile(a))
	case "reput":
		info, err := s.c.Stat(b)
		if err != nil {
			return err
		}
		return s.send(b, os.O_WRONLY, s.ts.ReadFile(a)[info.Size():])
	case "new":
		return s.send(b, os.O_WRONLY|os.O_CREATE|os.O_EXCL, s.ts.ReadFile(a))
	case "get":
		return s.get(a, b)
	case "pieces":
		return s.pieces(a, s.ts.ReadFile(b))
	case "ls":
		entries, err := s.c.ReadDir(a)
		for _, e := range entries {
			fmt.Fprintln(s.ts.Stdout(), e.Mode().String()[:1], e.Size(), e.Name())
		}
		return err
	case "time":
		sec, err := strconv.ParseInt(b, 10, 64)
		return cmp.Or(err, s.c.Chtimes(a, time.Unix(sec, 0), time.Unix(sec, 0)))
	case "stat":
		info, err := s.c.Stat(a)
		if err == nil {
			fmt.Fprintln(s.ts.Stdout(), info.Size(), info.ModTime().Unix())
		}
		return err
	case "mkdir":
		return s.c.MkdirAll(a)
	case "rename":
		return s.c.Rename(a, b)
	case "replace":
		return s.c.PosixRename(a, b)
	case "rm":
		return s.c.RemoveAll(a)
	case "cut":
		return s.c.Truncate(a, 1)
	}
	return errors.New("no such command")
}

// send writes content where the file ends, unless it is cut.
func (s pkgSession) send(name string, flags int, content string) error {
	f, err := s.c.OpenFile(name, flags)
	if err != nil {
		return err
	}
	if flags&(os.O_TRUNC|os.O_EXCL) == 0 {
		if _, err := f.Seek(0, io.SeekEnd); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	_, err = f.ReadFrom(strings.NewReader(content))
	return cmp.Or(err, f.Close())
}

func (s pkgSession) get(name, file string) error {
	f, err := s.c.Open(name)
	if err != nil {
		return err
	}
	var content bytes.Buffer
	_, err = f.WriteTo(&content)
	return cmp.Or(err, f.Close(), os.WriteFile(s.ts.MkAbs(file), content.Bytes(), 0o600))
}

// pieces reads here and there in a file, at once, and compares with its content.
func (s pkgSession) pieces(name, content string) error {
	f, err := s.c.Open(name)
	if err != nil {
		return err
	}
	const piece = 5000
	var reads errgroup.Group
	for off := 0; off+piece <= len(content); off += len(content) / 20 {
		reads.Go(func() error {
			got := make([]byte, piece)
			if _, err := f.ReadAt(got, int64(off)); err != nil {
				return err
			}
			if string(got) != content[off:off+piece] {
				return fmt.Errorf("other bytes from %d on", off)
			}
			return nil
		})
	}
	return cmp.Or(reads.Wait(), f.Close())
}
