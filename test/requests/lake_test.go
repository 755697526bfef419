package requests

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// TestLake counts what operations cost in an account with a hierarchical namespace, beside a
// flat one: never more. What is not listed here is the same code.
func TestLake(t *testing.T) {
	// Each logs in, and returns what is counted.
	type operation = func(*testing.T, Container) func() error
	ftp := func(script ...any) operation {
		return func(t *testing.T, s Container) func() error {
			c := dialFTP(t, s)
			return func() error {
				for i := 0; i < len(script); i += 2 {
					if _, err := c.Do(script[i].(string), script[i+1].(int)); err != nil {
						return err
					}
				}
				return nil
			}
		}
	}
	transfer := func(command, content string) operation {
		return func(t *testing.T, s Container) func() error {
			c := dialFTP(t, s)
			return func() error {
				tr, err := c.Transfer(command, 0)
				if err != nil {
					return err
				}
				if content == "" {
					_, err = io.Copy(io.Discard, tr.Retrieve())
					return err
				}
				if _, err := io.WriteString(tr, content); err != nil {
					return err
				}
				return tr.Finish()
			}
		}
	}
	stor := func(name string) operation { return transfer("STOR "+name, "content") }
	sftp := func(do func(session) error) operation {
		return func(t *testing.T, s Container) func() error {
			c := dialSFTP(t, s)
			return func() error { return do(c) }
		}
	}
	for _, row := range []struct {
		name       string
		do         operation
		flat, lake string
	}{
		{"STOR of a new file", stor("/new"), "PutBlob 1", "PutBlob 1"},
		{"STOR into a new directory", stor("/a/b/new"), "PutBlob 1", "PutBlob 1"},
		{"STOR onto a file", stor("/small"), "PutBlob 2, HeadBlob 1", "PutBlob 2, HeadBlob 1"},
		{"CWD", ftp("CWD /made", 250), "ListBlobs 1", "HeadBlob 1"},
		{"MLSD", transfer("MLSD /implied", ""), "ListBlobs 1", "ListBlobs 1"},
		{"MKD", ftp("MKD /new", 257), "PutBlob 1, HeadBlob 1", "CreateDirectory 1"},
		{"RMD", ftp("RMD /made", 250), "ListBlobs 1, DeleteBlob 1", "HeadBlob 1, DeletePath 1"},
		{"DELE", ftp("DELE /small", 250), "HeadBlob 1, DeleteBlob 1", "HeadBlob 1, DeleteBlob 1"},
		{
			"RNFR, RNTO of a file, the first one", ftp("RNFR /small", 350, "RNTO /moved", 250),
			"HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1", "HeadBlob 4, RenamePath 1",
		},
		{
			"RNFR, RNTO of two files", ftp("RNFR /small", 350, "RNTO /moved", 250, "RNFR /empty", 350, "RNTO /moved2", 250),
			"HeadBlob 4, ListBlobs 2, CopyBlob 2, DeleteBlob 2", "HeadBlob 7, RenamePath 2",
		},
		{
			"RNFR, RNTO onto a file", ftp("RNFR /small", 350, "RNTO /log", 250),
			"HeadBlob 2, ListBlobs 1, CopyBlob 1, DeleteBlob 1", "HeadBlob 4, RenamePath 1",
		},
		{
			"RNFR, RNTO of a directory", ftp("RNFR /implied", 350, "RNTO /moved", 250),
			"HeadBlob 2, ListBlobs 3, CopyBlob 1, DeleteBlob 1", "HeadBlob 3, RenamePath 1",
		},
		{"SFTP: STAT of a directory", sftp(func(s session) error { _, err := s.Stat("/implied"); return err }), "HeadBlob 1, ListBlobs 1", "HeadBlob 1"},
		{"SFTP: MKDIR", sftp(func(s session) error { return s.Mkdir("/new") }), "PutBlob 1, HeadBlob 1", "CreateDirectory 1"},
		{"SFTP: RMDIR", sftp(func(s session) error { return s.RemoveDirectory("/made") }), "ListBlobs 1, DeleteBlob 1", "HeadBlob 1, DeletePath 1"},
		{
			"SFTP: RENAME of a directory", sftp(func(s session) error { return s.Rename("/implied", "/moved") }),
			"HeadBlob 1, ListBlobs 2, CopyBlob 1, DeleteBlob 1", "HeadBlob 2, RenamePath 1",
		},
		{
			"SFTP: posix-rename onto a file", sftp(func(s session) error { return s.PosixRename("/small", "/log") }),
			"HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1", "HeadBlob 3, RenamePath 1",
		},
		{
			"SFTP: SETSTAT of times", sftp(func(s session) error { return s.Chtimes("/small", time.Unix(1e9, 0), time.Unix(1e9, 0)) }),
			"HeadBlob 1, SetMetadata 1", "HeadBlob 1, SetMetadata 1",
		},
		{"SFTP: READDIR of an empty directory", sftp(func(s session) error { _, err := s.ReadDir("/made"); return err }), "HeadBlob 1, ListBlobs 1", "HeadBlob 1, ListBlobs 1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			cost := map[bool]int{}
			for hns, want := range map[bool]string{false: row.flat, true: row.lake} {
				s := Stub(azstub.Options{HNS: hns}).Container(t, false)
				place(t, s)
				do := row.do(t, s)
				before := s.Counts()
				if err := do(); err != nil {
					t.Fatal(err)
				}
				got := s.Counts().Since(before).String()
				if got != want {
					t.Errorf("hierarchical namespace: %v; %s costs %s, want %s", hns, row.name, got, want)
				}
				for _, n := range regexp.MustCompile(`\d+`).FindAllString(want, -1) {
					requests, err := strconv.Atoi(n)
					if err != nil {
						t.Fatal(err)
					}
					cost[hns] += requests
				}
			}
			if cost[true] > cost[false] {
				t.Errorf("%d requests, in a flat account %d", cost[true], cost[false])
			}
		})
	}
}

// TestShowsAccess: an SFTP client sees owner, group and permissions of the store, in a
// listing and of one entry.
func TestShowsAccess(t *testing.T) {
	s := azstub.Start(t, azstub.Options{HNS: true})
	s.CreateContainer(stubFiles)
	for name, blob := range map[string]azstub.Blob{
		"tenant/file": {Content: []byte("x"), Owner: "alice", Group: "a group", ACL: "user::rw-,group::r--,other::---"},
		"tenant/dir":  {Directory: true, Owner: "11111111-2222-3333-4444-555555555555", Group: "g", ACL: "user::rwx,group::r-x,other::--x"},
	} {
		if err := s.Place(stubFiles, name, blob); err != nil {
			t.Fatal(err)
		}
	}
	c := dialSFTP(t, &stubContainer{s})
	for name, want := range map[string]string{"/file": "-rw-r-----", "/dir": "drwxr-x--x"} {
		info, err := c.Stat(name)
		if err != nil || info.Mode().String() != want {
			t.Errorf("%s: %v, %v, want %s", name, info.Mode(), err, want)
		}
	}
	talk, err := sftpclient.Open(c.ssh)
	if err != nil {
		t.Fatal(err)
	}
	defer talk.Close()
	handle, err := opendir(talk, "/")
	if err != nil {
		t.Fatal(err)
	}
	p, err := talk.Ask(wire.TypeReaddir, handle)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`-rw-r-----    1 alice    a_group             1 \w+ [ \d]\d +[\d:]+ file`,
		`drwxr-x--x    2 11111111-2222-3333-4444-555555555555 g                   0 \w+ [ \d]\d +[\d:]+ dir`,
		`drwxr-xr-x    2 sftp     sftp  `, // the root is no entry
	} {
		if !regexp.MustCompile(want).Match(p.Body) {
			t.Errorf("there is no %q in %q", want, p.Body)
		}
	}
	if err := answered(talk.Ask(wire.TypeClose, handle)); err != nil {
		t.Fatal(err)
	}
}

// opendir opens a directory and returns its handle as the field of a request.
func opendir(talk *sftpclient.Conn, name string) ([]byte, error) {
	p, err := talk.Ask(wire.TypeOpendir, sftpclient.String(name))
	if err != nil {
		return nil, err
	}
	if p.Kind != wire.TypeHandle {
		return nil, errors.Join(fmt.Errorf("OPENDIR answers %v", p.Kind), answered(p, nil))
	}
	return sftpclient.String(p.String(0)), nil
}
