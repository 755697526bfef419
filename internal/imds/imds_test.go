package imds_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/internal/imds"
)

// service is a stand-in that answers one text.
func service(t *testing.T, status int, body string) *imds.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Metadata") != "true" || r.URL.Query().Get("api-version") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Location", "http://127.0.0.1:1/")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	return imds.New(s.URL)
}

// rules is an answer with the shape of the documentation's example.
const rules = `{"loadbalancer":{
	"publicIpAddresses":[{"frontendIpAddress":"198.51.100.1","privateIpAddress":"10.1.0.4"}],
	"inboundRules":[
		{"frontendIpAddress":"2001:db8::1","protocol":"tcp","frontendPort":59000,"backendPort":50000,"privateIpAddress":"fd00::4"},
		{"frontendIpAddress":"198.51.100.2","protocol":"udp","frontendPort":59001,"backendPort":50000,"privateIpAddress":"10.1.0.4"},
		{"frontendIpAddress":"198.51.100.2","protocol":"tcp","frontendPort":21,"backendPort":2121,"privateIpAddress":"10.1.0.4"},
		{"frontendIpAddress":"198.51.100.2","protocol":"Tcp","frontendPort":59002,"backendPort":50000,"privateIpAddress":"10.1.0.4"}],
	"outboundRules":[]}}`

func TestInbound(t *testing.T) {
	got, err := service(t, 200, rules).Inbound(t.Context(), 50000)
	if want := netip.MustParseAddrPort("198.51.100.2:59002"); got != want || err != nil {
		t.Errorf("Inbound = %v, %v, want %v", got, err, want)
	}
}

func TestPublicIPv4(t *testing.T) {
	const network = `{"interface":[
		{"ipv4":{"ipAddress":[{"privateIpAddress":"10.1.0.5","publicIpAddress":""}]}},
		{"ipv4":{"ipAddress":[{"privateIpAddress":"10.1.0.4","publicIpAddress":"198.51.100.7"}]}}]}`
	got, err := service(t, 200, network).PublicIPv4(t.Context())
	if want := netip.MustParseAddr("198.51.100.7"); got != want || err != nil {
		t.Errorf("PublicIPv4 = %v, %v, want %v", got, err, want)
	}
}

// What the service does not know, and what makes no sense, is no answer.
func TestNoAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		status  int
		body    string
		unknown bool
	}{
		"no load balancer":     {404, `{"error":"No load balancer metadata is found"}`, true},
		"no rule yet":          {200, `{"loadbalancer":{"inboundRules":[]}}`, true},
		"another thing":        {200, `{}`, true},
		"too many questions":   {429, "", false},
		"a failure":            {500, "", false},
		"sent elsewhere":       {302, "", false},
		"no JSON":              {200, "<html>", false},
		"a port that is none":  {200, strings.ReplaceAll(rules, "59002", "70000"), false},
		"an address that lies": {200, strings.ReplaceAll(rules, "198.51.100.2", "169.254.169.254.1"), true},
		"no end":               {200, `{"a":"` + strings.Repeat("a", 2<<20), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := service(t, tt.status, tt.body).Inbound(t.Context(), 50000)
			if err == nil || errors.Is(err, imds.ErrUnknown) != tt.unknown {
				t.Errorf("Inbound = %v, %v; unknown: want %v", got, err, tt.unknown)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := service(t, 200, rules).Inbound(ctx, 50000); !errors.Is(err, context.Canceled) {
		t.Errorf("Inbound after the end of its context: %v", err)
	}
}
