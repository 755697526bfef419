package sftp

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// answering is a channel over a socket. Each Read of it sends what the library says
// about the client's window.
type answering struct{ socket *socket }

const windowBytes = 36

func (c answering) Read(b []byte) (int, error) {
	_, err := c.socket.Write(make([]byte, windowBytes))
	return len(b), err
}

func (c answering) Write(b []byte) (int, error) { return c.socket.Write(b) }

// The answers to WRITEs leave before more is taken from the channel. Where that need
// not be waited for, they leave together with what it says about the window.
func TestAnswersLeaveWithTheWindow(t *testing.T) {
	answer := wire.Status(1, wire.OK, "OK")
	for name, test := range map[string]struct {
		unread int
		want   []int
	}{
		"much is there":       {sureBytes, []int{len(answer) + windowBytes}},
		"it may have to wait": {sureBytes - 1, []int{len(answer), windowBytes}},
	} {
		// In virtual time no moment passes after which small pieces leave by themselves.
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &script{}
				raw := newSocket(c, func() int { return 1 << 20 }, newTestBuffers())
				channel := answering{raw}
				s := pipeSession(t, bytes.NewReader(nil), io.Discard)
				s.conn.raw, s.out.socket, s.out.w = raw, raw, channel
				s.channel = pipeChannel{Reader: channel, Writer: channel}
				raw.unread = test.unread
				if err := s.out.hold(answer); err != nil {
					t.Fatal(err)
				}
				if _, err := (channelReader{s}).Read(make([]byte, 10)); err != nil {
					t.Fatal(err)
				}
				if got := c.lengths(); !slices.Equal(got, test.want) {
					t.Errorf("pieces of %v bytes were written, want %v", got, test.want)
				}
				_ = raw.Close()
			})
		})
	}
}
