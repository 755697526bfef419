package monitoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/freeport"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func TestMain(m *testing.M) { os.Exit(launch.Main(m)) }

const deployDir = "../../deploy/monitoring"

// prometheus is a running server of Prometheus.
type prometheus struct {
	t    *testing.T
	base string
}

// scraping starts a Prometheus that asks a gateway twice a second and evaluates our rules.
func scraping(t *testing.T, target string) *prometheus {
	t.Helper()
	program, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is not here")
	}
	rules, err := filepath.Abs(filepath.Join(deployDir, "tidegate.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf(`
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 1s }
rule_files: [%q]
scrape_configs:
  - job_name: tidegate
    static_configs: [ { targets: [%q] } ]
`, rules, target)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeport.Addr(t)
	launch.Start(t, exec.Command(program, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+addr.String(), "--log.level=warn"))
	return &prometheus{t, "http://" + addr.String()}
}

// ask sends a request to the API until enough is true of the answer.
func (p *prometheus) ask(path string, enough func(answer []byte) bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience.Limit())
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	var last []byte
	for {
		if answer, err := get(ctx, p.base+path); err == nil {
			if last = answer; enough(answer) {
				return
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			p.t.Fatalf("%s: the last answer is %s", path, last)
		}
	}
}

func get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer json.RawMessage
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer, err
}

// result is the answer to a query.
type result struct {
	Status string
	Data   struct{ Result []series }
}

// series is the value of a series, as time and number.
type series struct{ Value [2]any }

// traffic uses the gateway as its clients do: a login that is refused, an upload, a download,
// an upload that is cut off, and a file that is not there.
func traffic(t *testing.T, addr string) {
	t.Helper()
	c, err := ftpclient.Dial(t.Context(), addr, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("camera", "wrong"); ftpclient.CodeOf(err) != 530 {
		t.Fatal(err)
	}
	if err := c.Login("camera", "right"); err != nil {
		t.Fatal(err)
	}
	if err := c.Put("a.bin", strings.NewReader(strings.Repeat("x", 100<<10))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("a.bin", 0, &strings.Builder{}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Get("none.bin", 0, &strings.Builder{}); ftpclient.CodeOf(err) != 550 {
		t.Fatal(err)
	}
	cut, err := c.Transfer("STOR cut.bin", 0)
	if err == nil {
		_, err = cut.Write(make([]byte, 1000))
	}
	if err != nil {
		t.Fatal(err)
	}
	cut.Reset()
	_ = cut.Finish() // it fails
}

// mayBeEmpty are the queries about what has not happened here, by a metric in them.
func mayBeEmpty() []string {
	return []string{"tidegate_limits_reached_total", "tidegate_store_retries_total", "tidegate_store_throttled_total", "tidegate_certificate_not_after_timestamp_seconds", "tidegate_share_waiting", `result="undecided"`}
}

// Each query of the dashboard has an answer, and each rule is evaluated, while a Prometheus
// scrapes a gateway with clients.
func TestPrometheus(t *testing.T) {
	store := azstub.Start(t, azstub.Options{})
	store.CreateContainer("files")
	block, err := launch.Stub(store.URL(), "files").Text()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "tidegate.hcl")
	text := block + fmt.Sprintf(`
		frontend "status" "metrics" { listen = "127.0.0.1:0" }
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		}
		tenant "acme" {
		  mount "/" { backend = backend.azblob.files }
		  user "camera" { password_hash = %q }
		}
	`, launch.Hash(t, "right"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := launch.Start(t, launch.Command(t, "serve", config))
	ftp := gateway.Addr("ftp.public")
	p := scraping(t, gateway.Addr("status.metrics"))
	samples := func(n int) func([]byte) bool {
		return func(answer []byte) bool {
			var r result
			if json.Unmarshal(answer, &r) != nil || len(r.Data.Result) != 1 {
				return false
			}
			var count int
			_, err := fmt.Sscan(fmt.Sprint(r.Data.Result[0].Value[1]), &count)
			return err == nil && count >= n
		}
	}
	// What was counted first between two samples has a rate only with those after it.
	traffic(t, ftp)
	p.ask("/api/v1/query?query="+url.QueryEscape(`count_over_time(tidegate_uploads_aborted_total[1m])`), samples(1))
	traffic(t, ftp)
	p.ask("/api/v1/query?query="+url.QueryEscape(`count_over_time(tidegate_uploads_aborted_total[1m])`), samples(4))

	for _, expr := range queries(t) {
		expr = strings.NewReplacer("$instance", ".*", "$__rate_interval", "1m").Replace(expr)
		empty := slices.ContainsFunc(mayBeEmpty(), func(part string) bool { return strings.Contains(expr, part) })
		// A series of which nothing was counted between two samples has no quantile, and a scrape
		// that came too late leaves a gap.
		p.ask("/api/v1/query?query="+url.QueryEscape(expr), func(answer []byte) bool {
			var r result
			return json.Unmarshal(answer, &r) == nil && r.Status == "success" &&
				(empty || slices.ContainsFunc(r.Data.Result, func(one series) bool { return one.Value[1] != "NaN" }))
		})
	}
	p.rules()
	gateway.Stop()
}

// queries are those of the dashboard.
func queries(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deployDir, "grafana.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	if len(all) < 20 {
		t.Fatalf("the dashboard has %d queries: this test does not find them", len(all))
	}
	return all
}

// rules waits until all rules were evaluated, without an error. Of a healthy node none fires.
func (p *prometheus) rules() {
	p.t.Helper()
	type rule struct{ Name, Query, Health, LastError, State string }
	var answer struct {
		Data struct{ Groups []struct{ Rules []rule } }
	}
	var all []rule
	p.ask("/api/v1/rules", func(text []byte) bool {
		all = nil
		if json.Unmarshal(text, &answer) != nil {
			return false
		}
		for _, g := range answer.Data.Groups {
			all = append(all, g.Rules...)
		}
		return len(all) > 0 && !slices.ContainsFunc(all, func(r rule) bool { return r.Health == "unknown" })
	})
	for _, r := range all {
		if r.Health != "ok" || r.State == "firing" {
			p.t.Errorf("rule %s is %s and %s: %s", r.Name, r.Health, r.State, r.LastError)
		}
	}
}
