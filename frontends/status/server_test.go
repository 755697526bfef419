package status

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

const token = "a token of the test"

// process is one with a state that the test sets.
type process struct {
	mu     sync.Mutex
	state  frontends.State
	reload error
	drains int
}

func (p *process) State() frontends.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

func (p *process) set(s frontends.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = s
}

func (p *process) Reload(context.Context) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return "users +1 -0 ~0", p.reload
}

func (p *process) Drain(string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drains++
}

// running is a server of a test.
type running struct {
	*testing.T
	*Server
	process  *process
	metrics  *metrics.Registry
	sessions *session.Registry
	log      *strings.Builder
	client   *http.Client
	url      string
}

// start serves a block until the test ends.
func start(t *testing.T, block string) *running {
	t.Helper()
	leak.Check(t)
	r := &running{T: t, process: &process{}, metrics: metrics.New(), sessions: session.NewRegistry(), log: &strings.Builder{}}
	server, err := decode(t, block).Open(t.Context(), frontends.Env{
		Name: "local", Log: slog.New(slog.NewTextHandler(r.log, nil)), Process: r.process,
		Observe: observe.Shared{Metrics: r.metrics, Sessions: r.sessions, Trace: &observe.Trace{}},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.Server = server.(*Server)
	network, addr := r.Addr().Network(), r.Addr().String()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, addr)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the server is ours
	}
	r.client, r.url = &http.Client{Transport: transport}, "http://127.0.0.1"
	if r.current.Load().certificate != nil {
		r.url = "https://tidegate"
	}
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error)
	go func() { served <- r.Serve(ctx) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		end()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return r
}

// decode decodes a block.
func decode(t *testing.T, block string) *Config {
	t.Helper()
	f, diags := hclparse.NewParser().ParseHCL([]byte(block), "test.hcl")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, diags := Type().Decode(f.Body, &hcl.EvalContext{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return body.(*Config)
}

// ask sends a request with a token, "" for none, and returns the status and the body.
func (r *running) ask(method, path, token string) (int, string) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.url+path, http.NoBody)
	if err != nil {
		r.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// certificateFiles writes a new certificate and its key.
func certificateFiles(t *testing.T) (cert, key string) {
	t.Helper()
	server, _ := ftptest.Certificate(t)
	private, err := x509.MarshalPKCS8PrivateKey(server.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: server.Certificates[0].Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// blocks are the ways to serve.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	cert, key := certificateFiles(t)
	return map[string]string{
		"loopback": `listen = "127.0.0.1:0"`,
		"token":    fmt.Sprintf("listen = \"127.0.0.1:0\"\ntoken = \"%s\\n\"", token),
		"socket":   fmt.Sprintf("listen = %q", "unix:"+filepath.Join(t.TempDir(), "s")),
		"health":   "listen = \"0.0.0.0:0\"\nhealth_only = true",
		"healthy":  fmt.Sprintf("listen = %q\nhealth_only = true", "unix:"+filepath.Join(t.TempDir(), "h")),
		"public": fmt.Sprintf("listen = \"0.0.0.0:0\"\ntoken = %q\ntls {\ncert_file = %q\nkey_file = %q\n}",
			token, cert, key),
	}
}

// Who may ask for what: the token is needed for everything but health, readiness and, on this
// machine, metrics; there everybody may read the rest too where no token is configured. Over a
// unix socket nothing is needed. With health_only there is nothing but health and readiness.
func TestAccess(t *testing.T) {
	const right, wrong = "Bearer " + token, "Bearer another token"
	ways := blocks(t)
	for _, test := range []struct {
		way, path, token string
		want             int
	}{
		{"loopback", "/healthz", "", 200},
		{"loopback", "/readyz", "", 200},
		{"loopback", "/metrics", "", 200},
		{"loopback", "/elsewhere", "", 404},
		{"token", "/metrics", "", 200},
		{"public", "/healthz", "", 200},
		{"public", "/readyz", "", 200},
		{"public", "/metrics", "", 401},
		{"public", "/metrics", wrong, 401},
		{"public", "/metrics", right, 200},
		{"public", "/metrics", "Basic b3BlcmF0b3I6YSB0b2tlbiBvZiB0aGUgdGVzdA==", 200}, // operator:TOKEN
		{"socket", "/metrics", "", 200},
		{"loopback", "/", "", 200},
		{"loopback", "/sessions", "", 200},
		{"loopback", "/status.json", "", 200},
		{"loopback", "/trace?client=ann", "", 403},
		{"token", "/", "", 401},
		{"token", "/trace?client=ann", "", 401},
		{"socket", "/trace?client=a/b/c", "", 400},
		{"token", "/sessions", "", 401},
		{"token", "/sessions", right, 200},
		{"token", "/status.json", "Bearer", 401},
		{"public", "/sessions", wrong, 401},
		{"public", "/status.json", right, 200},
		{"socket", "/sessions", "", 200},
		{"health", "/healthz", "", 200},
		{"health", "/readyz", "", 200},
		{"health", "/", "", 404},
		{"health", "/metrics", "", 404},
		{"health", "/sessions", right, 404},
		{"health", "/status.json", "", 404},
		{"health", "/trace?client=ann", "", 404},
		{"healthy", "/healthz", "", 200},
		{"healthy", "/metrics", "", 404},
	} {
		t.Run(test.way+test.path, func(t *testing.T) {
			r := start(t, ways[test.way])
			if got, body := r.ask(http.MethodGet, test.path, test.token); got != test.want {
				t.Errorf("%d, want %d: %s", got, test.want, body)
			}
			if strings.Contains(r.log.String(), "token of the test") || strings.Contains(r.log.String(), "another token") {
				t.Errorf("the log has a token:\n%s", r.log)
			}
			if refused := strings.Contains(r.log.String(), "status token refused"); refused != (test.want == 401 && test.token != "") {
				t.Errorf("the log:\n%s", r.log)
			}
		})
	}
}

// A request with the host name of another site is refused, because that name may resolve to this
// machine (DNS rebinding). Without a token, no request of this machine changes anything.
func TestThisMachine(t *testing.T) {
	r := start(t, blocks(t)["loopback"])
	for host, want := range map[string]int{"localhost:9180": 200, "LOCALHOST": 200, "[::1]:9180": 200, "127.0.0.1": 200, "rebound.example:9180": 421, "127.0.0.1.example": 421, "": 421} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/sessions", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		if host == "" {
			req.Host = "."
		}
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("as %q: %d, want %d", host, resp.StatusCode, want)
		}
	}
	for _, path := range []string{"/sessions/x/kick", "/reload", "/drain"} {
		if got, _ := r.ask(http.MethodPost, path, ""); got != 403 {
			t.Errorf("POST %s: %d", path, got)
		}
	}
}

// A connection is not held for a body that does not come.
func TestBodyThatDoesNotCome(t *testing.T) {
	r := start(t, `listen = "127.0.0.1:0"`)
	for body, want := range map[string]bool{"": false, "body": true} {
		w := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		r.handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://127.0.0.1/reload", strings.NewReader(body)))
		if got := !w.read.IsZero() && time.Until(w.read) <= readTimeout; got != want {
			t.Errorf("a request with the body %q must be read until %v", body, w.read)
		}
	}
}

// deadlines notes until when the body of a request is read.
type deadlines struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.read = at
	return nil
}

// Only those with the token change something, and no page of another site does it for them.
func TestControl(t *testing.T) {
	const right = "Bearer " + token
	ways := blocks(t)
	r := start(t, ways["token"])
	one := session.New("ftp", "ftp.public", netip.MustParseAddrPort("192.0.2.1:4711"))
	r.sessions.Add(one)
	one.Login(session.User{Tenant: "acme", Name: "u"})
	one.Begin("write", "/a").Moved(7)
	for _, path := range []string{"/sessions/" + one.ID + "/kick", "/reload", "/drain"} {
		for _, token := range []string{"", "Bearer another token"} {
			if got, _ := r.ask(http.MethodPost, path, token); got != 401 {
				t.Errorf("POST %s with %q: %d", path, token, got)
			}
		}
		if got, _ := r.ask(http.MethodGet, path, right); got != 405 {
			t.Errorf("GET %s: %d", path, got)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", right)
		req.Header.Set("Origin", "https://elsewhere.example")
		resp, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != 403 {
			t.Errorf("POST %s from another site: %d", path, resp.StatusCode)
		}
	}
	if one.IsKicked() || r.process.drains != 0 {
		t.Fatal("something has changed")
	}
	var all struct{ Sessions []Session }
	_, body := r.ask(http.MethodGet, "/sessions", right)
	if err := json.Unmarshal([]byte(body), &all); err != nil || len(all.Sessions) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	if s := all.Sessions[0]; s.ID != one.ID || s.Tenant != "acme" || s.User != "u" || s.Remote != "192.0.2.1:4711" || s.In != 7 ||
		len(s.Operations) != 1 || s.Operations[0].Path != "/a" || s.Operations[0].Bytes != 7 || s.Rate <= 0 {
		t.Errorf("%+v", s)
	}
	// An upload wins the race.
	var ending sync.WaitGroup
	ending.Go(func() {
		<-one.Kicked()
		one.Finished("write")
		one.End()
	})
	got, body := r.ask(http.MethodPost, "/sessions/"+one.ID+"/kick", right)
	ending.Wait()
	var kicked Kicked
	if err := json.Unmarshal([]byte(body), &kicked); err != nil || got != 200 || kicked != (Kicked{ID: one.ID, User: one.User().String(), Ended: true, Committed: 1}) {
		t.Errorf("kick: %d %s %v", got, body, err)
	}
	one.End()
	if got, body := r.ask(http.MethodPost, "/sessions/"+one.ID+"/kick", right); got != 404 {
		t.Errorf("kick after the end: %d %s", got, body)
	}
	if got, body := r.ask(http.MethodPost, "/reload", right); got != 200 || !strings.Contains(body, `"changed": "users +1 -0 ~0"`) {
		t.Errorf("reload: %d %s", got, body)
	}
	r.process.reload = errors.New("the configuration has problems")
	if got, body := r.ask(http.MethodPost, "/reload", right); got != 409 || !strings.Contains(body, "has problems") {
		t.Errorf("a refused reload: %d %s", got, body)
	}
	if got, body := r.ask(http.MethodPost, "/drain", right); got != 202 || r.process.drains != 1 {
		t.Errorf("drain: %d %s", got, body)
	}
}

// A node is ready when nothing speaks against it, and names everything that does. A refused
// reload does not make it unready: it serves what it served.
func TestReady(t *testing.T) {
	r := start(t, `listen = "127.0.0.1:0"`)
	for _, test := range []struct {
		state  frontends.State
		status int
		want   string
	}{
		{frontends.State{}, 200, "ready\n"},
		{frontends.State{NotReady: []string{"draining", "something else"}}, 503, "not ready\ndraining\nsomething else\n"},
		{frontends.State{Reloaded: frontends.Reloaded{Err: "the configuration has problems"}}, 200, "ready\nthe last reload was refused"},
	} {
		r.process.set(test.state)
		if got, body := r.ask(http.MethodGet, "/readyz", ""); got != test.status || !strings.HasPrefix(body, test.want) {
			t.Errorf("%+v: %d %q", test.state, got, body)
		}
		if got, body := r.ask(http.MethodGet, "/healthz", ""); got != 200 || body != `{"ApplicationHealthState":"Healthy"}`+"\n" {
			t.Errorf("health: %d %q", got, body)
		}
	}
}

// Counters, gauges and histograms arrive as Prometheus has them.
func TestMetrics(t *testing.T) {
	r := start(t, blocks(t)["socket"])
	r.metrics.Counter(metrics.Desc{Name: "requests_total", Help: "Requests.", Labels: []string{"backend"}}, `a"b`).Add(3)
	r.metrics.Gauge(metrics.Desc{Name: "open", Help: "Open."}).Set(-2)
	h := r.metrics.Histogram(metrics.Desc{Name: "took_seconds", Help: "Durations.", Buckets: []float64{0.1, 1}})
	for _, v := range []float64{0.05, 0.5, 0.5, 5} {
		h.Observe(v)
	}
	_, body := r.ask(http.MethodGet, "/metrics", "")
	for _, want := range []string{
		"# HELP requests_total Requests.\n# TYPE requests_total counter\nrequests_total{backend=\"a\\\"b\"} 3\n", "open -2\n",
		"took_seconds_bucket{le=\"0.1\"} 1\ntook_seconds_bucket{le=\"1\"} 3\ntook_seconds_bucket{le=\"+Inf\"} 4\ntook_seconds_sum 6.05\ntook_seconds_count 4\n",
		"go_goroutines ", "process_cpu_seconds_total ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in:\n%s", want, body)
		}
	}
}

// A socket has its permissions from the beginning, replaces the one of a process before, and
// stays when another process has replaced it.
func TestSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	block := fmt.Sprintf("listen = \"unix:%s\"\nsocket_mode = \"0600\"", path)
	env := frontends.Env{Log: slog.New(slog.DiscardHandler), Observe: observe.Shared{Metrics: metrics.New(), Sessions: session.NewRegistry()}}
	var both []frontends.Server
	for range 2 {
		server, err := decode(t, block).Open(t.Context(), env)
		if err != nil {
			t.Fatal(err)
		}
		both = append(both, server)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
	}
	missing := filepath.Join(filepath.Dir(path), "none", "s")
	if _, err := decode(t, fmt.Sprintf("listen = \"unix:%s\"", missing)).Open(t.Context(), env); err == nil || !strings.Contains(err.Error(), missing+": its directory does not exist") {
		t.Errorf("without a directory: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	for i, server := range both {
		if err := server.Serve(ended); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) != (i == 1) {
			t.Errorf("the socket after the end of process %d: %v", i+1, err)
		}
		if _, err := os.Stat(path + olderSuffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the other socket after the end of process %d: %v", i+1, err)
		}
	}
	if left := env.Observe.Metrics.Families(); len(left) > 0 {
		t.Errorf("metrics are left: %v", left)
	}
}

// A process says what the one before it still serves, which does not say so of itself.
func TestOlder(t *testing.T) {
	block := fmt.Sprintf("listen = \"unix:%s\"", filepath.Join(t.TempDir(), "s"))
	before := start(t, block)
	one := session.New("ftp", "ftp.public", netip.MustParseAddrPort("192.0.2.1:4711"))
	before.sessions.Add(one)
	// The goroutines of the first one are there when the second looks for what stays of its own.
	if code, text := before.ask(http.MethodGet, "/status.json", ""); code != 200 || strings.Contains(text, "older_process") {
		t.Errorf("before there is another one: %d %s", code, text)
	}
	after := start(t, block)
	var r Report
	if code, text := after.ask(http.MethodGet, "/status.json", ""); code != 200 || json.Unmarshal([]byte(text), &r) != nil {
		t.Fatal(code, text)
	}
	if r.Sessions != 0 || r.Older == nil || r.Older.PID != os.Getpid() || r.Older.Sessions != 1 {
		t.Errorf("%d sessions, older: %+v", r.Sessions, r.Older)
	}
	if _, text := after.ask(http.MethodGet, "/", ""); !strings.Contains(text, "still serves 1 sessions") {
		t.Errorf("the page:\n%s", text)
	}
	if older := before.older(t.Context()); older != nil {
		t.Errorf("the older one: %+v", older)
	}
}

// A process that ends while the one before it still serves, as one does that was started twice
// by mistake and finds its ports in use, leaves that one its socket.
func TestStartedTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	block := fmt.Sprintf("listen = \"unix:%s\"", path)
	first := start(t, block)
	env := frontends.Env{Log: slog.New(slog.DiscardHandler), Observe: observe.Shared{Metrics: metrics.New(), Sessions: session.NewRegistry()}}
	second, err := decode(t, block).Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := second.Serve(ended); err != nil {
		t.Fatal(err)
	}
	if code, text := first.ask(http.MethodGet, "/healthz", ""); code != 200 {
		t.Errorf("the first one: %d %s", code, text)
	}
	if _, err := os.Stat(path + olderSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the other socket: %v", err)
	}
}

// A reload replaces the token and the certificate, and cannot move the address.
func TestPrepare(t *testing.T) {
	ways := blocks(t)
	r := start(t, ways["public"])
	next := decode(t, strings.Replace(ways["public"], token, "the next token, longer", 1))
	change, err := r.Prepare(next)
	if err != nil || change.Keys != 0 {
		t.Fatalf("%+v, %v", change, err)
	}
	change.Apply()
	if got, _ := r.ask(http.MethodGet, "/metrics", "Bearer "+token); got != 401 {
		t.Errorf("the old token: %d", got)
	}
	if got, _ := r.ask(http.MethodGet, "/metrics", "Bearer the next token, longer"); got != 200 {
		t.Errorf("the new token: %d", got)
	}
	var bound *listen.BoundError
	if _, err := r.Prepare(decode(t, ways["loopback"])); !errors.As(err, &bound) || len(bound.Settings) != 2 {
		t.Errorf("another address: %v", err)
	}
}
