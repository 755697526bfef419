package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// operatedGateway is a running gateway with a status frontend on a unix socket.
type operatedGateway struct {
	*testing.T
	*Gateway
	end    context.CancelFunc
	served chan error
	client *http.Client
}

const operatedConfig = `
	node { name = "node-1" }
	transfers { grace = "1m" }
	frontend "status" "local" { listen = "unix:%s" }
	frontend "ftp" "public" {
	  listen = "127.0.0.1:0"
	  passive { listen = "127.0.0.1:0" }
	  tls {
	    mode        = "optional"
	    self_signed = true
	  }
	}
	backend "memory" "files" {}
	tenant "acme" {
	  mount "/" { backend = backend.memory.files }
	  user "u" { password_hash = %q }
	}
`

func startOperated(t *testing.T, more ...string) *operatedGateway {
	t.Helper()
	leak.Check(t)
	// The path of a socket is short.
	dir, err := os.MkdirTemp("", "tidegate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "status.sock")
	hash, err := bcrypt.GenerateFromPassword([]byte("u"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(operatedConfig, socket, hash) + strings.Join(more, "\n")
	c, diags := config.Load([]config.Source{{Name: "test.hcl", Bytes: []byte(text)}}, Registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	g := &operatedGateway{T: t, served: make(chan error, 1)}
	if g.Gateway, err = Open(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), nil)), nil); err != nil {
		t.Fatal(err)
	}
	g.RunBy(Program{Version: "v1", Revision: "abc"})
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	g.client = &http.Client{Transport: transport}
	t.Cleanup(transport.CloseIdleConnections)
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	g.end = end
	go func() { g.served <- g.Serve(ctx) }()
	<-g.began
	return g
}

func (g *operatedGateway) get(path string) (int, string) {
	g.Helper()
	return g.request(http.MethodGet, path)
}

func (g *operatedGateway) request(method, path string) (int, string) {
	g.Helper()
	req, err := http.NewRequestWithContext(g.Context(), method, "http://tidegate"+path, http.NoBody)
	if err != nil {
		g.Fatal(err)
	}
	resp, err := g.client.Do(req)
	if err != nil {
		g.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		g.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func (g *operatedGateway) login() *ftpclient.Conn {
	g.Helper()
	for _, s := range g.Servers() {
		if s.Name != "ftp.public" {
			continue
		}
		c, err := ftpclient.Dial(g.Context(), s.Addr().String(), ftpclient.Options{})
		if err != nil {
			g.Fatal(err)
		}
		g.Cleanup(c.Close)
		if err := c.Login("u", "u"); err != nil {
			g.Fatal(err)
		}
		return c
	}
	g.Fatal("no frontend ftp.public")
	return nil
}

// The metrics of a gateway that has served are what Prometheus' linter accepts, and promtool,
// and they have what has happened.
func TestMetricsOfTheProcess(t *testing.T) {
	g := startOperated(t)
	c := g.login()
	if err := errors.Join(c.Put("f", strings.NewReader("content")), c.Delete("missing")); ftpclient.CodeOf(err) != 550 {
		t.Fatal(err)
	}
	_, text := g.get("/metrics")
	for _, want := range []string{
		`tidegate_build_info{goversion="go`, `revision="abc",version="v1"} 1`, "\ntidegate_ready 1\n", "\ntidegate_config_last_reload_successful 1\n",
		`tidegate_active_sessions{frontend="ftp.public",protocol="ftp"} 1`, `tidegate_tenant_sessions{tenant="acme"} 1`,
		`tidegate_backend_available{backend="memory.files"} 1`, `tidegate_memory_held_bytes{part="chunks"} `,
		`tidegate_certificate_not_after_timestamp_seconds{frontend="ftp.public",name="localhost"} `,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	t.Run("promtool", func(t *testing.T) {
		path, err := exec.LookPath("promtool")
		if err != nil {
			t.Skip("promtool is not here")
		}
		check := exec.CommandContext(t.Context(), path, "check", "metrics")
		check.Stdin = strings.NewReader(text)
		if out, err := check.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
			t.Errorf("%v\n%s", err, out)
		}
	})
	if err := c.Quit(); err != nil {
		t.Error(err)
	}
	g.end()
	if err := <-g.served; err != nil {
		t.Error(err)
	}
}

// While the process drains, the status frontend answers, and says that the node is not ready.
// It ends last.
func TestStatusOutlivesTheDrain(t *testing.T) {
	g := startOperated(t)
	c := g.login()
	r, w := io.Pipe()
	put := make(chan error, 1)
	go func() { put <- c.Put("f", r) }()
	if _, err := w.Write([]byte("the beginning, ")); err != nil {
		t.Fatal(err)
	}
	if status, body := g.get("/readyz"); status != 200 || body != "ready\n" {
		t.Errorf("before: %d %q", status, body)
	}
	operated{g.Gateway}.Drain("a test")
	operated{g.Gateway}.Drain("a test")
	// The state changes with the next line of Serve.
	status, body := g.get("/readyz")
	for status == 200 {
		status, body = g.get("/readyz")
	}
	if status != 503 || !strings.HasPrefix(body, "not ready\ndraining since ") {
		t.Errorf("during the drain: %d %q", status, body)
	}
	_, writeErr := w.Write([]byte("the end"))
	if err := errors.Join(writeErr, w.Close(), <-put, <-g.served); err != nil {
		t.Error(err)
	}
}
