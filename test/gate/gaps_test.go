package gate

import (
	"fmt"
	"net"
	"os"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
)

// gap marks a promise that is not kept yet. TIDEGATE_GATE_GAPS=1 shows how.
func gap(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("TIDEGATE_GATE_GAPS") == "" {
		t.Skipf("not kept yet: %s", why)
	}
}

const shifts = "a connection too many takes the next session's place, whose own takes that of the next one, and so on"

// Clients that connect when their promise was broken, and clients that connect
// twice for one promise, cost others time and nothing else.
func TestConnectionsTooMany(t *testing.T) {
	gap(t, shifts)
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
	gap(t, shifts)
	s := open(t, plain, patient)
	var c [3]*ftpclient.Conn
	var data [3]net.Conn
	for i := range c {
		var err error
		if c[i], err = s.login(t.Context(), ftpclient.Options{}); err != nil {
			t.Fatal(err)
		}
		defer c[i].Close()
	}
	connect := func(addr string) net.Conn {
		data, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { data.Close() })
		return data
	}
	// The answer to each EPSV shows that the promise before it was taken.
	var second net.Conn
	for i := range c {
		addr, err := c[i].ExtendedPassive()
		if err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			second = connect(addr) // of the first session
			continue
		}
		if i == 2 {
			data[1] = connect(addr)
		}
		data[i] = connect(addr)
	}
	for i := range c {
		if _, err := c[i].Do(fmt.Sprintf("STOR file%d", i), 150); err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(data[i], "session %d", i)
		data[i].Close()
	}
	second.Close()
	for i := range c {
		got, err := c[i].Receive()
		if err != nil {
			t.Fatal(err)
		}
		if got.Code == 226 {
			s.ledger.receipt(fmt.Sprintf("/file%d", i), fmt.Appendf(nil, "session %d", i))
		}
	}
	for _, wrong := range s.ledger.audit(t.Context(), s.store) {
		t.Error(wrong)
	}
}

// With resumption required, a thief at the sessions' own address costs them
// time, and its bytes are stored nowhere.
func TestThiefFromTheSameAddress(t *testing.T) {
	gap(t, "refused connections get tickets that prove what they are not, and "+shifts)
	s := open(t, proving, patient)
	addr := s.passiveAddr(t)
	run(t, s, crowd{sessions: 20, uploads: 3, downloads: 1, retries: 200}, steal(net.IPv4(127, 0, 0, 1), addr, 100))
}
