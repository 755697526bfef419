package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/internal/tracing"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// spanCollector is a collector that keeps the spans that it gets.
type spanCollector struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	spans    []*tracepb.Span
	resource map[string]string
	arrived  chan struct{}
}

func startSpanCollector(t *testing.T) *spanCollector {
	c := &spanCollector{t: t, arrived: make(chan struct{}, 1000)}
	c.Server = httptest.NewUnstartedServer(c)
	// The SDK leaves a connection that is idle to its time-out.
	c.Config.SetKeepAlivesEnabled(false)
	c.StartTLS()
	t.Cleanup(c.Close)
	return c
}

func (c *spanCollector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var batch coltracepb.ExportTraceServiceRequest
	if err := proto.Unmarshal(body, &batch); err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("x-api-key") != planted.Password {
		c.t.Errorf("%s, %v, the key is right: %v", r.URL, err, r.Header.Get("x-api-key") == planted.Password)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range batch.GetResourceSpans() {
		c.resource = attributes(of.GetResource().GetAttributes())
		for _, in := range of.GetScopeSpans() {
			c.spans = append(c.spans, in.GetSpans()...)
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	c.arrived <- struct{}{}
}

func attributes(all []*commonpb.KeyValue) map[string]string {
	values := map[string]string{}
	for _, a := range all {
		switch value := a.GetValue().GetValue().(type) {
		case *commonpb.AnyValue_StringValue:
			values[a.GetKey()] = value.StringValue
		case *commonpb.AnyValue_IntValue:
			values[a.GetKey()] = strconv.FormatInt(value.IntValue, 10)
		}
	}
	return values
}

// block returns a block that sends spans to the collector.
func (c *spanCollector) block(more string) string {
	file := filepath.Join(c.t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return fmt.Sprintf("\ntracing {\nendpoint = %q\nca_file = %q\nheaders = { x-api-key = %q }\n%s\n}\n", c.URL, file, planted.Password, more)
}

// await returns the spans when the one of a session has come.
func (c *spanCollector) await(protocol string) []*tracepb.Span {
	c.t.Helper()
	for {
		c.mu.Lock()
		for _, s := range c.spans {
			if s.GetName() == protocol+" session" {
				all := c.spans
				c.spans = nil
				c.mu.Unlock()
				return all
			}
		}
		c.mu.Unlock()
		select {
		case <-c.arrived:
		case <-time.After(patience.Limit()):
			c.t.Fatal("no span of a session came")
		}
	}
}

// An upload over FTPS and one over SFTP are a trace each: session, handshake and login,
// operation, request to the store.
func TestTracing(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	c := startSpanCollector(t)
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer("files")
	r := startReloadable(t)
	store := []string{`backend "memory" "a" {}`, fmt.Sprintf(`
		backend "azblob" "a" {
		  endpoint  = %q
		  container = "files"
		  auth "shared_key" { key = %q }
		}`, stub.URL(), azstub.DevKey), "backend.memory.a", "backend.azblob.a"}
	if got := r.reload(c.block(`service_name = "ingest"`), store...); !strings.HasSuffix(got, "tracing") {
		t.Errorf("the reload has changed %q", got)
	}
	uploads := map[string]func() error{
		"ftp": func() error {
			client, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{Security: ftpclient.Explicit, TLS: &tls.Config{
				InsecureSkipVerify: true, ServerName: "gateway", ClientSessionCache: tls.NewLRUClientSessionCache(0), //nolint:gosec // the server is ours
			}})
			if err == nil {
				defer client.Close()
				err = client.Login("u", "pw")
			}
			if err != nil {
				return err
			}
			if err := client.Put("/secret-name", strings.NewReader("1234")); err != nil {
				return err
			}
			_, err = client.Do("QUIT", 221)
			return err
		},
		"sftp": func() error {
			client, err := r.sftpAs("u", "pw")
			if err != nil {
				return err
			}
			f, err := client.Create("/secret-name")
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, "1234"); err != nil {
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
			for _, s := range r.observe.Sessions.All() {
				s.Kick()
			}
			return nil
		},
	}
	for protocol, upload := range uploads {
		if err := upload(); err != nil {
			t.Fatal(protocol, err)
		}
		isTraceOfUpload(t, protocol, c.await(protocol), r.node)
	}
	if c.resource["service.name"] != "ingest" || c.resource["tidegate.node"] != r.node || c.resource["deployment.environment.name"] != "test" {
		t.Errorf("the resource is %v", c.resource)
	}
	if n := r.observe.Metrics.Sum("tidegate_trace_spans_lost_total"); n != 0 {
		t.Errorf("%v spans are lost", n)
	}
}

// isTraceOfUpload checks the spans of a session.
func isTraceOfUpload(t *testing.T, protocol string, spans []*tracepb.Span, node string) {
	t.Helper()
	byID := map[string]*tracepb.Span{}
	for _, s := range spans {
		byID[hex.EncodeToString(s.GetSpanId())] = s
	}
	found := map[string]map[string]string{}
	for _, s := range spans {
		chain := s.GetName()
		for p := byID[hex.EncodeToString(s.GetParentSpanId())]; p != nil; p = byID[hex.EncodeToString(p.GetParentSpanId())] {
			chain = p.GetName() + " > " + chain
		}
		found[chain] = attributes(s.GetAttributes())
		if strings.Contains(s.String(), "secret-name") {
			t.Errorf("%s: %s has a path", protocol, s)
		}
		if string(s.GetTraceId()) != string(spans[0].GetTraceId()) {
			t.Errorf("%s: there are two traces", protocol)
		}
	}
	root := protocol + " session"
	command := map[string]string{"ftp": "STOR"}[protocol]
	wanted := map[string]map[string]string{
		root: {"tidegate.protocol": protocol, "tidegate.frontend": protocol + ".public", "tidegate.tenant": "acme", "tidegate.bytes_in": "4"},
		root + " > write": {
			"tidegate.protocol": protocol, "tidegate.frontend": protocol + ".public", "tidegate.tenant": "acme", "tidegate.backend": "azblob.a", "tidegate.bytes": "4", "tidegate.command": command,
		},
		root + " > write > put_blob": {
			"tidegate.tenant": "acme", "tidegate.backend": "azblob.a", "http.request.method": "PUT", "http.response.status_code": "201",
		},
	}
	for _, step := range map[string][]string{
		"ftp":  {tracing.TLSHandshake, tracing.Login, tracing.DataConnection},
		"sftp": {tracing.SSHHandshake, tracing.Login},
	}[protocol] {
		wanted[root+" > "+step] = map[string]string{"tidegate.protocol": protocol, "error.type": ""}
	}
	for chain, want := range wanted {
		got := found[chain]
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: of %q the attribute %s is %q, want %q", protocol, chain, name, got[name], value)
			}
		}
		if got["tidegate.session"] == "" || got["tidegate.session"] != found[root]["tidegate.session"] {
			t.Errorf("%s: %q is of the session %q", protocol, chain, got["tidegate.session"])
		}
	}
	if t.Failed() {
		t.Logf("the spans of %s on %s:\n%v", protocol, node, found)
	}
}

// The span of a handshake that fails has the cause, as the log has it.
func TestTracingFailedHandshake(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	c := startSpanCollector(t)
	r := startReloadable(t)
	r.reload(c.block(""))
	_, err := ftpclient.Dial(t.Context(), r.ftp, ftpclient.Options{Security: ftpclient.Explicit, TLS: &tls.Config{ServerName: "gateway", RootCAs: x509.NewCertPool()}})
	if err == nil {
		t.Fatal("a client that trusts nobody is content")
	}
	for _, s := range c.await("ftp") {
		if got := attributes(s.GetAttributes())["error.type"]; s.GetName() == tracing.TLSHandshake && got == "certificate_not_trusted" && s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR {
			return
		}
	}
	t.Error("no span of the handshake has the cause")
}

// Without a collector, clients are served as with one.
func TestDeadCollector(t *testing.T) {
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "10")
	r := startReloadable(t)
	r.reload(fmt.Sprintf("\ntracing { endpoint = \"http://%s\" }\n", freeport.Addr(t)))
	client := r.dial(r.ftp)
	if err := client.Put("/a", strings.NewReader("1234")); err != nil {
		t.Fatal(err)
	}
	for r.observe.Metrics.Sum("tidegate_trace_spans_lost_total") == 0 {
		if err := client.Put("/a", strings.NewReader("1234")); err != nil {
			t.Fatal(err)
		}
	}
	if got := r.reload(""); got != "tracing" {
		t.Errorf("the reload has changed %q", got)
	}
}
