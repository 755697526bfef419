package clients

import (
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

// password is everybody's.
const password = "correct horse"

func TestMain(m *testing.M) {
	flag.Parse()
	// Scripts wait most of the time, and those of TestTogether for each other.
	if err := flag.Set("test.parallel", strconv.Itoa(2*ofEach*len(clients()))); err != nil {
		panic(err)
	}
	os.Exit(launch.Main(m))
}

// server is a running `tidegate serve`.
type server struct {
	*launch.Process
	addr string
	// ca is the file with its certificate.
	ca string
}

// serve runs the program over st, with a tenant for each name: a user of that
// name, whose files lie in the directory of that name. The server is stopped with
// the test, and the test fails unless it ends as it should.
func serve(t *testing.T, st store, tenants []string) *server {
	t.Helper()
	cert, key := writeCertificate(t, t.TempDir())
	hash := launch.Hash(t, password)
	c := launch.Config{Store: st.block(), FTP: &launch.FTP{CertFile: cert, KeyFile: key}, LogLevel: "debug"}
	for _, name := range tenants {
		c.Tenants = append(c.Tenants, launch.Tenant{Name: name, Path: name, Users: []launch.User{{Name: name, Hash: hash}}})
	}
	s := &server{Process: launch.Serve(t, c), ca: cert}
	s.addr = s.Addr("ftp")
	t.Cleanup(s.Stop)
	return s
}

// showLogOf shows what the server has logged of a tenant, if the test fails.
func (s *server) showLogOf(t testing.TB, tenant string) {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			about := s.Lines(func(line string) bool { return strings.Contains(line, tenant) })
			t.Logf("the server's log of %s:\n%s", tenant, strings.Join(about, "\n"))
		}
	})
}

// slowStore is what the server logs when the emulator takes longer than a store
// should, as it does on a loaded machine. It tells of the machine, not of a fault.
const slowStore = `"msg":"the store does not answer"`

// wantNoComplaints fails the test when the server has logged a warning or an error,
// other than that the store is slow.
func (s *server) wantNoComplaints(t *testing.T) {
	t.Helper()
	complaints := s.Lines(func(line string) bool {
		return (strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, `"level":"ERROR"`)) &&
			!strings.Contains(line, slowStore)
	})
	if len(complaints) > 0 {
		t.Errorf("the server has something to complain about:\n%s", strings.Join(complaints, "\n"))
	}
	for _, line := range s.Lines(func(line string) bool { return strings.Contains(line, slowStore) }) {
		t.Log(line)
	}
}
