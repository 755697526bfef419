package engine

import (
	"bytes"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/vfs"
)

// recorder is a session that keeps the replies.
type recorder struct{ replies []Reply }

func (r *recorder) Next() (Command, error)                  { panic("not asked for") }
func (r *recorder) Login(string, string) (*vfs.View, error) { panic("not asked for") }
func (r *recorder) Panicked(any) error                      { panic("not asked for") }
func (r *recorder) Replied(reply Reply)                     { r.replies = append(r.replies, reply) }

// However the library's replies are cut up, the session gets the same ones, each with a
// code and the text of one line.
func FuzzReplyLines(f *testing.F) {
	for _, seed := range []string{
		"220 hello\r\n", "250 ok\r\n", "211-a\r\n x\r\n211 End\r\n", "257 \"/a\" Created dir\r\n", "226", "\r\n\r\n", "999 x\r\n", "abc\r\n",
	} {
		f.Add([]byte(seed), uint8(1))
		f.Add([]byte(seed), uint8(200))
	}
	f.Fuzz(func(t *testing.T, written []byte, cut uint8) {
		replies := func(n int) []Reply {
			r := &recorder{}
			e := New(t.Context(), r, &net.TCPAddr{}, &net.TCPAddr{})
			c := newLibraryConn(e.local, e.remote, e.next, e.replied)
			for rest := written; len(rest) > 0; {
				piece := rest[:min(len(rest), n)]
				if m, err := c.Write(piece); m != len(piece) || err != nil {
					t.Fatalf("Write = %d, %v", m, err)
				}
				rest = rest[len(piece):]
			}
			return r.replies
		}
		whole := replies(len(written))
		if diff := cmp.Diff(whole, replies(int(cut)+1)); diff != "" {
			t.Errorf("%q in pieces of %d (-whole +pieces):\n%s", written, int(cut)+1, diff)
		}
		for _, r := range whole {
			if r.Code < 100 || r.Code > 599 || bytes.ContainsAny([]byte(r.Text), "\n") {
				t.Errorf("%q is the reply %+v", written, r)
			}
		}
	})
}
