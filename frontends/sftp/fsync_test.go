package sftp_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// sync is fsync@openssh.com.
func (t *talk) sync(code uint32, h []byte) {
	t.Helper()
	t.want(code, wire.TypeExtended, sftpclient.String("fsync@openssh.com"), h)
}

// An fsync that is answered OK has stored what came before it, and the upload goes
// on from there.
func TestFsync(t *testing.T) {
	const create, old, attrTimes, mtime = wire.OpenWrite | wire.OpenCreate, "old content", 8, 1_500_000_000
	tests := []struct {
		name string
		old  string
		run  func(t *talk)
		want string // "" is no file
	}{
		{"all of it", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.server.WantStored("/f", []byte(old))
			t.sync(codeOK, h)
			t.server.WantStored("/f", []byte("new"))
			t.sync(codeOK, h)
			t.close(codeOK, h)
			t.sync(codeFailure, h)
		}, "new"},
		{"nothing", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.sync(codeOK, h)
			t.server.WantStored("/f", []byte{})
			t.write(codeOK, h, 0, "new")
			t.close(codeOK, h)
		}, "new"},
		{"in the middle", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "one")
			t.sync(codeOK, h)
			t.write(codeOK, h, 6, "three")
			t.sync(codeFailure, h) // a hole
			t.server.WantStored("/f", []byte("one"))
			t.write(codeOK, h, 3, "two")
			t.wantFstat(h, 11, 0)
			t.server.WantStored("/f", []byte("one"))
			t.sync(codeOK, h)
			t.server.WantStored("/f", []byte("onetwothree"))
			t.write(codeOK, h, 11, "!")
			t.close(codeOK, h)
		}, "onetwothree!"},
		{"before an end that was set", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.setSize(codeOK, h, 6)
			t.write(codeOK, h, 0, "new")
			t.sync(codeFailure, h)
			t.server.WantStored("/f", []byte(old))
			t.write(codeOK, h, 3, "est")
			t.sync(codeOK, h)
			t.close(codeOK, h)
		}, "newest"},
		{"and an end that is set after it", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.sync(codeOK, h)
			t.setSize(codeOK, h, 4)
			t.close(codeFailure, h)
		}, "new"},
		{"and cut after it", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "new")
			t.sync(codeOK, h)
			t.setSize(codeOK, h, 3)
			t.setSize(codeUnsupported, h, 0)
			t.close(codeUnsupported, h)
		}, "new"},
		{"a part of the old file", old, func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new")
			t.sync(codeUnsupported, h)
			t.write(codeOK, h, 3, " content, longer")
			t.sync(codeOK, h)
			t.close(codeOK, h)
		}, "new content, longer"},
		{"appended", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenAppend)
			t.write(codeOK, h, 0, " and")
			t.sync(codeOK, h)
			t.server.WantStored("/f", []byte(old+" and"))
			t.write(codeOK, h, 4, " more")
			t.sync(codeOK, h)
			t.write(codeOK, h, 9, "!")
			t.close(codeOK, h)
		}, old + " and more!"},
		{"on from the end", old, func(t *talk) {
			h := t.open("/f", wire.OpenWrite)
			t.sync(codeOK, h)
			t.write(codeOK, h, 11, "!")
			t.sync(codeOK, h)
			t.write(codeOK, h, 12, "!")
			t.close(codeOK, h)
		}, old + "!!"},
		{"exclusive", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenExclusive)
			t.write(codeOK, h, 0, "new")
			t.sync(codeOK, h)
			t.write(codeOK, h, 3, "!")
			t.close(codeOK, h)
		}, "new!"},
		{"times", "", func(t *talk) {
			h := t.open("/f", create)
			t.write(codeOK, h, 0, "new")
			times := join(sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(mtime))
			t.want(codeOK, wire.TypeFsetstat, h, times)
			t.sync(codeOK, h)
			t.wantFstat(h, 3, mtime)
			t.want(codeOK, wire.TypeFsetstat, h, sftpclient.Uint32(attrTimes), sftpclient.Uint32(1), sftpclient.Uint32(mtime+1))
			t.close(codeOK, h)
			h = t.open("/f", wire.OpenRead)
			t.wantFstat(h, 3, mtime+1)
			t.close(codeOK, h)
		}, "new"},
		{"read after it", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenRead)
			t.read(h, 0, 3, "old")
			t.write(codeOK, h, 11, "!")
			t.want(codeUnsupported, wire.TypeRead, h, sftpclient.Uint64(0), sftpclient.Uint32(3))
			t.sync(codeOK, h)
			t.read(h, 4, 100, "content!")
			t.write(codeOK, h, 12, "!")
			t.want(codeUnsupported, wire.TypeRead, h, sftpclient.Uint64(0), sftpclient.Uint32(3))
			t.close(codeOK, h)
		}, old + "!!"},
		{"copied", old, func(t *talk) {
			from, to := t.open("/f", wire.OpenRead), t.open("/g", create|wire.OpenTruncate)
			copyData := func(code uint32) {
				t.want(code, wire.TypeExtended, sftpclient.String("copy-data"), from, sftpclient.Uint64(0), sftpclient.Uint64(0), to, sftpclient.Uint64(0))
			}
			copyData(codeOK)
			t.sync(codeOK, to)
			t.server.WantStored("/g", []byte(old))
			t.write(codeOK, to, 11, "!")
			t.close(codeOK, to)
			t.server.WantStored("/g", []byte(old+"!"))
			to = t.open("/g", create|wire.OpenTruncate)
			t.sync(codeOK, to)
			copyData(codeOK)
			t.close(codeOK, to)
			t.server.WantStored("/g", []byte(old))
			t.close(codeOK, from)
		}, old},
		{"of an upload that failed", old, func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "abc")
			t.write(codeUnsupported, h, 0, "abc")
			t.sync(codeUnsupported, h)
			t.close(codeUnsupported, h)
		}, old},
		{"of what is read, and of a directory", old, func(t *talk) {
			h, dir := t.open("/f", wire.OpenRead), t.opendir("/")
			t.sync(codeOK, h)
			t.sync(codeOK, dir)
			t.close(codeOK, h)
			t.close(codeOK, dir)
		}, old},
		{"and the file of another writer after it", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "one")
			t.sync(codeOK, h)
			t.server.StoreFile("/f", []byte("two"), time.Time{})
			t.write(codeFailure, h, 3, "more")
			t.close(codeFailure, h)
		}, "two"},
		{"and a broken connection after it", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, "one")
			t.sync(codeOK, h)
			t.write(codeOK, h, 3, "more")
			_ = t.ssh.Close()
			_ = t.ssh.Wait()
			t.server.Stop()
		}, "one"},
		{"with requests behind it that were sent at once", "", func(t *talk) {
			h := t.open("/f", create|wire.OpenTruncate)
			t.write(codeOK, h, 0, strings.Repeat("x", 1000))
			var ids []uint32
			ask := func(kind wire.Type, body ...[]byte) {
				id, err := t.Request(kind, join(body...))
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			ask(wire.TypeExtended, sftpclient.String("fsync@openssh.com"), h)
			ask(wire.TypeClose, h)
			ask(wire.TypeRename, sftpclient.String("/f"), sftpclient.String("/g"))
			for range ids {
				p, err := t.Receive()
				if err != nil {
					t.Fatal(err)
				}
				if code, text := p.Status(); code != codeOK {
					t.Errorf("request %d: %d %s", p.ID, code, text)
				}
			}
			t.server.WantStored("/g", []byte(strings.Repeat("x", 1000)))
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startTalk(t)
			if test.old != "" {
				c.server.StoreFile("/f", []byte(test.old), time.Time{})
			}
			test.run(c)
			if test.want == "" {
				c.server.WantStored("/f", nil)
				return
			}
			c.server.WantStored("/f", []byte(test.want))
		})
	}
}

// locked is a store whose files can be written and not committed, as a blob that is
// leased.
type locked struct{ vfs.Backend }

func (l locked) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := l.Backend.Create(ctx, p, o)
	return lockedWriter{w}, err
}

type lockedWriter struct{ vfs.Writer }

func (w lockedWriter) Commit(context.Context, vfs.CommitOptions) (vfs.Info, error) {
	w.Abort()
	return vfs.Info{}, vfs.NewError(vfs.KindConflict, nil)
}

// What cannot be committed is refused at fsync: there are clients that drop the
// answer to CLOSE.
func TestFsyncIsRefused(t *testing.T) {
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return locked{memory.New()} }
	c := talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, h, 0, "new")
	c.sync(codeFailure, h)
	c.write(codeFailure, h, 3, "more")
	c.sync(codeFailure, h)
	c.close(codeFailure, h)
}
