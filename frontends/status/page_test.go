package status

import (
	"bufio"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/internal/accesslog"
	"github.com/tidegate/tidegate/internal/notify"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
)

// busy gives a server something to show.
func busy(r *running) {
	r.process.set(frontends.State{
		Version: "v1", Node: "node-1", Phase: "draining", Since: time.Now(), Started: time.Now(), NotReady: []string{"draining since now"},
		Listeners: []frontends.Listener{{Name: "ftp.public", Address: "0.0.0.0:21", Advertised: "ftp.example:30000"}},
		Tenants:   []string{"acme"}, Backends: []frontends.Backend{{Name: "azblob.files", Unavailable: true}},
		Events: []notify.Status{
			{Name: "webhook.down", Waiting: 3, Failed: 2, Lost: 1, Err: "no <answer>", ErrAt: time.Now(), Since: time.Now().Add(-90 * time.Second)},
			{Name: "webhook.old", Waiting: 1, Removed: true},
			{Name: "azure_queue.ok", Delivered: 7},
		},
		Logs: []accesslog.Status{{Name: "access_log.full", Output: "/dev/full", Err: "no space left", Since: time.Now(), Waiting: 12, Lost: 5}, {Name: "audit.a", Output: "standard output"}},
	})
	for _, user := range []string{"camera", "<script>alert(1)</script>"} {
		s := session.New("ftp", "ftp.public", netip.MustParseAddrPort("192.0.2.1:4711"))
		r.sessions.Add(s)
		s.Login(session.User{Tenant: "acme", Name: user})
		s.Begin("write", "/of "+user).Moved(2 << 20)
	}
}

// The page is complete without its script, loads only what the server has, and shows names of
// clients as text.
func TestPage(t *testing.T) {
	r := start(t, blocks(t)["socket"])
	busy(r)
	status, body := r.ask(http.MethodGet, "/", "")
	if status != 200 {
		t.Fatal(status, body)
	}
	for _, want := range []string{
		"node-1", "<strong>draining</strong>", "draining since now", "v1", "ftp.example:30000", "acme/camera", "192.0.2.1:4711",
		"/of camera", "2.0 MiB", "azblob.files", "is not open yet", `<svg viewBox="0 0 180 100"`,
		"3 events still to be delivered to webhook.down", "1 event still to be delivered to webhook.old", "Failing for 1 min: no &lt;answer&gt;", "webhook.old, removed",
		"access_log.full", "/dev/full", "no space left", "audit.a", "standard output",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if strings.Contains(body, "<script>alert") || !strings.Contains(body, "acme/&lt;script&gt;alert(1)") {
		t.Error("a name of a client is not shown as text")
	}
	if regexp.MustCompile(`(?i)\s(style|on[a-z]+)=`).MatchString(body) {
		t.Error("the page has what the content policy forbids")
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(body, -1)
	for _, link := range links {
		if status, _ := r.ask(http.MethodGet, link[1], ""); status != 200 {
			t.Errorf("%s: %d", link[1], status)
		}
	}
	if len(links) < 5 {
		t.Errorf("only %d links", len(links))
	}
	if _, body := r.ask(http.MethodGet, "/?find=CAMERA", ""); !strings.Contains(body, "acme/camera") || strings.Contains(body, "alert(1)") {
		t.Error("a search for a user shows others, or not this one")
	}
}

// The changing part of the page comes again each second, until the server ends.
func TestEvents(t *testing.T) {
	r := start(t, blocks(t)["socket"])
	busy(r)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/events?find=camera", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if p := resp.Header.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") {
		t.Errorf("the policy is %q", p)
	}
	lines, seen := bufio.NewScanner(resp.Body), 0
	for seen < 2 && lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "data: ") && lines.Text() != "" {
			t.Fatalf("no line of an event: %q", lines.Text())
		}
		if strings.Contains(lines.Text(), "acme/camera") {
			seen++
		}
	}
	if seen < 2 {
		t.Errorf("%d events, %v", seen, lines.Err())
	}
}

// The history has 15 minutes, and rates are those between samples.
func TestHistory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted, live := metrics.New(), session.NewRegistry()
		moved := counted.Counter(metrics.Desc{
			Name: "tidegate_transferred_bytes_total", Help: "Bytes.", Labels: []string{"frontend", "protocol", "tenant", "direction"},
		}, "ftp.public", "ftp", "acme", "in")
		s := session.New("ftp", "ftp.public", netip.AddrPort{})
		live.Add(s)
		operation := s.Begin("write", "/a")
		h := newHistory(counted, live)
		for range samples + 10 {
			time.Sleep(samplePeriod)
			moved.Add(500)
			operation.Moved(500)
			h.take(time.Now())
		}
		in, out := h.rates()
		if len(in) != samples-1 || in[0] != 100 || in[len(in)-1] != 100 || out[0] != 0 {
			t.Errorf("%d rates, the first %v, %v", len(in), in[0], out[0])
		}
		if got := h.rateOf(s, time.Now()); got != 100 {
			t.Errorf("right after a sample the session has the rate %v", got)
		}
		operation.Moved(400)
		time.Sleep(2 * time.Second)
		if got := h.rateOf(s, time.Now()); got != 200 {
			t.Errorf("two seconds later the session has the rate %v", got)
		}
	})
}
