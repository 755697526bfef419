package sftp

import (
	"net"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// Keys are computed for one connection after the other. A client that is waited for
// delays no other, and neither does one that has agreed on keys or left.
func TestKeysAreComputedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := fairshare.NewResource("key exchanges", 1)
		var conns [3]*agreeing
		var clients [3]net.Conn
		var got [3]int
		read := func(i int) {
			go func() {
				if _, err := conns[i].Read(make([]byte, 1)); err == nil {
					got[i]++
				}
			}()
			synctest.Wait()
		}
		say := func(i int) {
			go func() { _, _ = clients[i].Write([]byte("x")) }()
			synctest.Wait()
		}
		want := func(what string, a, b, c int) {
			t.Helper()
			if got != [3]int{a, b, c} {
				t.Errorf("%s: %v reads, want %v", what, got, [3]int{a, b, c})
			}
		}
		for i := range conns {
			ours, theirs := net.Pipe()
			defer ours.Close()
			defer theirs.Close()
			conns[i], clients[i] = &agreeing{Conn: ours, ctx: t.Context(), slots: all, ended: func() {}}, theirs
		}
		read(0) // and waits for its client
		read(1)
		say(1)
		want("one is waited for, one computes", 0, 1, 0)
		read(2)
		say(2)
		say(0)
		want("one computes", 0, 1, 0)
		read(1)
		want("it waits for its client", 0, 1, 1)
		conns[2].done()
		synctest.Wait()
		want("one has agreed", 1, 1, 1)
		read(2)
		say(2)
		want("it reads as it likes", 1, 1, 2)
		conns[0].done()
		conns[1].done()
		if all.Held() != 0 {
			t.Error("slots are left")
		}
	})
}
