package ftp_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// metadata stands in for Azure's Instance Metadata Service. It knows nothing of a
// load balancer until know is called.
type metadata struct {
	*httptest.Server
	answer atomic.Pointer[string]
}

func newMetadata(t *testing.T) *metadata {
	m := &metadata{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := m.answer.Load()
		if answer == nil || !strings.HasPrefix(r.URL.Path, "/metadata/loadbalancer") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, *answer)
	}))
	t.Cleanup(m.Close)
	return m
}

// know makes the service answer that a port of this machine is reached through
// another one of an address.
func (m *metadata) know(local, port int, addr string) {
	answer := `{"loadbalancer":{"inboundRules":[{"frontendIpAddress":"` + addr + `","protocol":"tcp","frontendPort":` +
		strconv.Itoa(port) + `,"backendPort":` + strconv.Itoa(local) + `}]}}`
	m.answer.Store(&answer)
}

// The address and port that clients get are those of Azure's load balancer. Before they
// are known, no client gets a port that leads nowhere.
func TestAddressFromAzure(t *testing.T) {
	t.Parallel()
	learnt := announced{slog.NewTextHandler(t.Output(), nil), "clients reach a passive port", make(chan struct{}, 1)}
	azure := newMetadata(t)
	local := int(freeport.Addr(t).Port())
	g := start(t, memory.New(), func(o *ftp.Options) {
		o.Passive = ftp.PassiveOptions{
			Listen: "127.0.0.1:" + strconv.Itoa(local), Host: ftp.Auto, PortAuto: true, Metadata: azure.URL,
		}
		o.Log = slog.New(learnt)
	})
	c := g.login(ftpclient.Options{})
	g.say(c, "EPSV", 425, "PASV", 425)
	azure.know(local, 59861, "198.51.100.7")
	<-learnt.seen
	for command, want := range map[string]string{"EPSV": "(|||59861|)", "PASV": "(198,51,100,7,233,213)"} {
		if got, err := c.Cmd(command); err != nil || !strings.Contains(got.String(), want) {
			t.Errorf("%s: %v, %v, want %s", command, got, err, want)
		}
	}
}
