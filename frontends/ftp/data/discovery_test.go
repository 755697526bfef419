package data

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/imds"
)

// What was learnt stays while the service fails or talks nonsense, and changes
// with what it says.
func TestDiscoveryKeepsWhatItLearnt(t *testing.T) {
	const rule = `{"loadbalancer":{"inboundRules":[{"frontendIpAddress":"198.51.100.7","protocol":"tcp","frontendPort":%d,"backendPort":50000}]}}`
	status, body := 200, fmt.Sprintf(rule, 59861)
	azure := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/metadata/loadbalancer") {
			status, body = 200, `{"interface":[{"ipv4":{"ipAddress":[{"publicIpAddress":"203.0.113.9"}]}}]}`
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer azure.Close()
	d := &discovery{client: imds.New(azure.URL), log: slog.New(slog.DiscardHandler), ports: []int{50000}, needsPort: true}
	want := func(err bool, reached string) {
		t.Helper()
		if got := d.learn(t.Context()); (got != nil) != err {
			t.Errorf("learn: %v", got)
		}
		if got, _ := d.lookUp(50000); got.String() != reached {
			t.Errorf("reached through %v, want %s", got, reached)
		}
	}
	want(false, "198.51.100.7:59861")
	status = 500
	want(true, "198.51.100.7:59861")
	status, body = 200, "<html>"
	want(true, "198.51.100.7:59861")
	body = fmt.Sprintf(rule, 99999)
	want(true, "198.51.100.7:59861")
	status = 404
	want(true, "198.51.100.7:59861")
	status, body = 200, fmt.Sprintf(rule, 59862)
	want(false, "198.51.100.7:59862")
	// Without a load balancer the machine's own address will do where the port is
	// known.
	d.needsPort, status = false, 404
	want(false, "203.0.113.9:50000")
}
