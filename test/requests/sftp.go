package requests

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// SFTP counts the requests of packets of SFTP.
func SFTP(t *testing.T, a Account) {
	t.Helper()
	send := func(name string, flags, size int) func(session) error {
		return func(s session) error {
			f, err := s.OpenFile(name, flags)
			if err != nil {
				return err
			}
			_, err = f.ReadFromWithConcurrency(bytes.NewReader(make([]byte, size)), 64)
			return errors.Join(err, f.Close())
		}
	}
	put := func(name string, size int) func(session) error {
		return send(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, size)
	}
	get := func(name string) func(session) error {
		return func(s session) error {
			f, err := s.Open(name)
			if err != nil {
				return err
			}
			_, err = f.WriteTo(io.Discard)
			return errors.Join(err, f.Close())
		}
	}
	stat := func(name string, want error) func(session) error {
		return func(s session) error {
			if _, err := s.Stat(name); !errors.Is(err, want) {
				return fmt.Errorf("%w, want %w", err, want)
			}
			return nil
		}
	}
	// scp opens without TRUNC, and says at the end with the size that it was all.
	scp := func(name string, size int) func(session) error {
		return func(s session) error {
			f, err := s.OpenFile(name, os.O_WRONLY|os.O_CREATE)
			if err != nil {
				return err
			}
			_, err = f.Write(make([]byte, size))
			return errors.Join(err, f.Truncate(int64(size)), f.Close())
		}
	}
	list := func(name string) func(session) error {
		return func(s session) error { _, err := s.ReadDir(name); return err }
	}
	appended := []azstub.Kind{azstub.HeadBlob, azstub.GetBlockList}
	count(t, a, dialSFTP, []operation[session]{
		{name: "login", do: func(session) error { return nil }, want: "none"},
		{name: "REALPATH", do: ask(wire.TypeRealpath, "."), want: "none"},
		{name: "put of a small file", do: put("/new", 10), want: "PutBlob 1"},
		{name: "put onto a file", do: put("/small", 10), want: "PutBlob 2, HeadBlob 1"},
		{name: "put of an empty file", do: put("/new", 0), want: "PutBlob 1"},
		{name: "put of a block", do: put("/new", 8*mib), want: "PutBlob 1"},
		{name: "put of 64 MiB", do: put("/new", 64*mib), want: "PutBlock 8, PutBlockList 1"},
		{name: "put into the home", do: put("x", 10), want: "PutBlob 1"},
		{name: "exclusive put", do: send("/new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 10), want: "PutBlob 1, HeadBlob 1"},
		{name: "put without TRUNC", do: send("/small", os.O_WRONLY|os.O_CREATE, 10), want: "PutBlob 2, HeadBlob 2"},
		{name: "put as scp does it", do: scp("/small", 10), want: "PutBlob 2, HeadBlob 1"},
		{
			name: "append", do: send("/log", os.O_WRONLY|os.O_APPEND, 10),
			want: "PutBlock 1, PutBlockList 1, GetBlockList 1, HeadBlob 1", trips: 3, together: appended,
		},
		{
			name: "append to nothing", do: send("/new", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 10),
			want: "PutBlob 1, GetBlockList 1, HeadBlob 1", trips: 2, together: appended,
		},
		{
			name: "append of nothing, with FSTAT", do: opened("/log", wire.OpenWrite|wire.OpenAppend|wire.OpenCreate),
			want: "GetBlockList 1, HeadBlob 1", trips: 1, together: appended,
		},
		{name: "get", do: get("/small"), want: "GetBlob 1"},
		{name: "get of an empty file", do: get("/empty"), want: "GetBlob 1, HeadBlob 1"},
		{name: "OPEN for writing, FSTAT, CLOSE", do: opened("/small", wire.OpenWrite), want: "HeadBlob 1"},
		{name: "STAT of a file", do: stat("/small", nil), want: "HeadBlob 1"},
		{name: "LSTAT of a file", do: ask(wire.TypeLstat, "/small"), want: "HeadBlob 1"},
		{name: "STAT of a directory", do: stat("/made", nil), want: "HeadBlob 1"},
		{name: "STAT of an implied directory", do: stat("/implied", nil), want: "HeadBlob 1, ListBlobs 1", hns: "HeadBlob 1"},
		{name: "STAT of the home", do: stat(".", nil), want: "none"},
		{name: "STAT of nothing", do: stat("/nothing", fs.ErrNotExist), want: "HeadBlob 1, ListBlobs 1", hns: "HeadBlob 1"},
		{name: "OPENDIR, READDIR", do: list("/implied"), want: "ListBlobs 1"},
		{name: "OPENDIR, READDIR of an empty directory", do: list("/made"), want: "HeadBlob 1, ListBlobs 1"},
		{
			name: "SETSTAT of times", do: func(s session) error { return s.Chtimes("/small", time.Unix(1e9, 0), time.Unix(1e9, 0)) },
			want: "HeadBlob 1, SetMetadata 1",
		},
		{
			name: "SETSTAT of a directory's times", do: func(s session) error { return s.Chtimes("/made", time.Unix(1e9, 0), time.Unix(1e9, 0)) },
			want: "HeadBlob 1, SetMetadata 1", hns: "HeadBlob 2",
		},
		{
			name: "RENAME", do: func(s session) error { return s.Rename("/small", "/moved") }, want: "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1", hns: "HeadBlob 3, RenamePath 1",
			trips: 3, together: []azstub.Kind{azstub.HeadBlob, azstub.ListBlobs},
		},
		{
			name: "posix-rename onto a file", do: func(s session) error { return s.PosixRename("/small", "/log") },
			want: "HeadBlob 1, ListBlobs 1, CopyBlob 1, DeleteBlob 1", hns: "HeadBlob 3, RenamePath 1",
		},
		{
			name: "MKDIR", do: func(s session) error { return s.Mkdir("/new") }, want: "PutBlob 1, HeadBlob 1", hns: "CreateDirectory 1",
			trips: 1, together: []azstub.Kind{azstub.PutBlob, azstub.HeadBlob},
		},
		{name: "copy-data of a file", do: copied("/small", "/new"), want: "GetBlob 1, HeadBlob 1, ListBlobs 1, CopyBlob 1", hns: "GetBlob 1, HeadBlob 2, CopyBlob 1"},
		{name: "RMDIR", do: func(s session) error { return s.RemoveDirectory("/made") }, want: "ListBlobs 1, DeleteBlob 1", hns: "HeadBlob 1, DeletePath 1"},
		{name: "REMOVE", do: func(s session) error { return s.Remove("/small") }, want: "HeadBlob 1, DeleteBlob 1"},
		{name: "statvfs", do: func(s session) error { _, err := s.StatVFS("/"); return err }, want: "none"},
	})
}

// ask sends one request about a path.
func ask(kind wire.Type, name string) func(session) error {
	return func(s session) error {
		talk, err := sftpclient.Open(s.ssh)
		if err != nil {
			return err
		}
		defer func() { _ = talk.Close() }()
		return answered(talk.Ask(kind, sftpclient.String(name)))
	}
}

// opened opens a file, looks at it by its handle, and closes it.
func opened(name string, flags uint32) func(session) error {
	return func(s session) error {
		talk, err := sftpclient.Open(s.ssh)
		if err != nil {
			return err
		}
		defer func() { _ = talk.Close() }()
		handle, err := open(talk, name, flags)
		if err != nil {
			return err
		}
		return errors.Join(answered(talk.Ask(wire.TypeFstat, handle)), answered(talk.Ask(wire.TypeClose, handle)))
	}
}

// copied copies a file as OpenSSH's cp does.
func copied(from, to string) func(session) error {
	return func(s session) error {
		talk, err := sftpclient.Open(s.ssh)
		if err != nil {
			return err
		}
		defer func() { _ = talk.Close() }()
		source, sourceErr := open(talk, from, wire.OpenRead)
		target, targetErr := open(talk, to, wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		if err := errors.Join(sourceErr, targetErr); err != nil {
			return err
		}
		const fromStart, toEnd, atStart = 0, 0, 0
		body := slices.Concat(sftpclient.String("copy-data"), source, sftpclient.Uint64(fromStart), sftpclient.Uint64(toEnd), target, sftpclient.Uint64(atStart))
		return errors.Join(
			answered(talk.Ask(wire.TypeExtended, body)),
			answered(talk.Ask(wire.TypeClose, source)), answered(talk.Ask(wire.TypeClose, target)),
		)
	}
}

// open opens a file and returns its handle as a request has it.
func open(talk *sftpclient.Conn, name string, flags uint32) ([]byte, error) {
	p, err := talk.Ask(wire.TypeOpen, slices.Concat(sftpclient.String(name), sftpclient.Uint32(flags), sftpclient.Uint32(0)))
	if err != nil {
		return nil, err
	}
	if p.Kind != wire.TypeHandle {
		code, text := p.Status()
		return nil, fmt.Errorf("OPEN: status %d, %s", code, text)
	}
	return sftpclient.String(p.String(0)), nil
}

// answered returns what is wrong with an answer.
func answered(p sftpclient.Packet, err error) error {
	if code, text := p.Status(); err == nil && p.Kind == wire.TypeStatus && code != 0 {
		err = fmt.Errorf("status %d, %s", code, text)
	}
	return err
}
