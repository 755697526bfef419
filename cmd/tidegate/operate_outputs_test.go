package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/frontends/status"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

// A receiver that refuses events and an access log that cannot be written are in the status,
// with the reason. A process that drains answers until its events are delivered, and says which
// it still has.
func TestOperateOutputs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no full disk")
	}
	var accepts atomic.Bool
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !accepts.Load() {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer receiver.Close()
	short, err := os.MkdirTemp("", "tidegate") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	hash, err := bcrypt.GenerateFromPassword([]byte("correct-horse"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	file, at := filepath.Join(t.TempDir(), "tidegate.hcl"), "unix:"+filepath.Join(short, "s")
	write(t, file, fmt.Sprintf(`
		frontend "status" "operators" { listen = %q }
		backend "memory" "a" {}
		frontend "ftp" "public" {
		  listen = "127.0.0.1:0"
		  passive { listen = "127.0.0.1:0" }
		}
		tenant "contoso" {
		  mount "/" { backend = backend.memory.a }
		  user "camera" { password_hash = %q }
		}
		event "webhook" "ingest" {
		  url     = %q
		  secrets = [%q]
		}
		access_log "full" {
		  format = "json"
		  file   = "/dev/full"
		}
		audit "here" { file = %q }
		reload { watch = "off" }
	`, at, hash, receiver.URL, planted.WebhookSecret, filepath.Join(short, "audit.json")))
	i := start(t, "serve", file)
	i.stderr.find(t, `"msg":"ready"`)
	ftp, err := ftpclient.Dial(t.Context(), i.stderr.find(t, `"frontend":"ftp.public","addr":"([^"]*)"`)[1], ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ftp.Close()
	if err := ftp.Login("camera", "correct-horse"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.csv", "b.csv"} {
		if err := ftp.Put(name, strings.NewReader("content")); err != nil {
			t.Fatal(err)
		}
	}
	i.stderr.find(t, `"msg":"access log cannot be written`)
	i.stderr.find(t, `"msg":"event receiver not available"`)
	wantStatus := func(all ...string) {
		t.Helper()
		code, out, stderr := tidegate(t, "", "status", "-at", at)
		out = strings.Join(strings.Fields(out), " ")
		for _, want := range all {
			if code != exitOK || !strings.Contains(out, want) {
				t.Errorf("status %d has no %q:\n%s%s", code, want, out, stderr)
			}
		}
	}
	wantStatus(
		"EVENTS WAITING FAILED LOST STATE webhook.ingest 2 ", "0 failing for ", "s: the receiver answers 503 Service Unavailable",
		"LOG WAITING LOST TO STATE", "0 /dev/full cannot be written for ", "s: write /dev/full: no space left on device", " 0 "+short+"/audit.json ok", // the last line may wait for some milliseconds
	)
	var r status.Report
	if _, out, _ := tidegate(t, "", "status", "-json", "-at", at); json.Unmarshal([]byte(out), &r) != nil || len(r.Events) != 1 || len(r.Logs) != 2 ||
		r.Events[0].Waiting != 2 || r.Events[0].FailingSince == nil || r.Logs[0].FailingSince == nil || r.Logs[1].FailingSince != nil {
		t.Errorf("the JSON is %s", out)
	}
	ftp.Close()
	if code, _, stderr := tidegate(t, "", "drain", "-at", at); code != exitOK {
		t.Fatal(stderr)
	}
	i.stderr.find(t, `"msg":"delivering the last events"`)
	wantStatus("draining 2 events still to be delivered to webhook.ingest")
	accepts.Store(true)
	if <-i.ended; i.status != exitOK {
		t.Errorf("the process ends with %d", i.status)
	}
	text, _, _ := i.stderr.now()
	if strings.Contains(text, "events lost") || !strings.Contains(text, "event receiver accepts events again") {
		t.Errorf("the events were not delivered:\n%s", text)
	}
}
