package gate

import (
	"fmt"
	"net"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// Clients that connect after the end of their reservation, or that connect twice for one
// reservation, only delay other clients.
func TestConnectionsTooMany(t *testing.T) {
	for _, p := range protections {
		for _, row := range []neighbours{
			{"connect late", p, lateness, 1, 3, connectLate(lateness.Quarantine)},
			{"connect twice", p, patient, 3, 4, connectTwice},
		} {
			t.Run(row.name+"/"+p.name, func(t *testing.T) {
				t.Parallel()
				row.test(t)
			})
		}
	}
}

// The same with three sessions, step by step: the second connection of the first
// must not bring the second one's bytes into the third one's file.
func TestSecondConnectionShiftsNobody(t *testing.T) {
	s := open(t, plain, patient)
	connect := func(addr string) net.Conn {
		data, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = data.Close() })
		return data
	}
	var second net.Conn
	for i, want := range []int{226, 451, 226} {
		c, err := s.login(t.Context(), ftpclient.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		addr, err := c.ExtendedPassive()
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			second = connect(addr) // of the first session
		}
		data := connect(addr)
		got, err := c.Cmd(fmt.Sprintf("STOR file%d", i))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(data, "session %d", i)
		_ = data.Close()
		if got.Code == 150 {
			if got, err = c.Receive(); err != nil {
				t.Fatal(err)
			}
		}
		if got.Code != want {
			t.Errorf("session %d: %v, want %d", i, got, want)
		}
		if got.Code == 226 {
			s.acknowledged(fmt.Sprintf("/file%d", i), fmt.Appendf(nil, "session %d", i))
		}
	}
	_ = second.Close()
	for _, wrong := range s.audit(t.Context()) {
		t.Error(wrong)
	}
}
