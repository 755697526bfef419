package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

// onlineConfig has two containers of the stub, of which one is not there, and a store in
// memory.
func onlineConfig(stub *azstub.Server) string {
	container := func(name string) string {
		return fmt.Sprintf("backend \"azblob\" %q {\n endpoint = %q\n container = %q\n auth \"sas\" { token = \"sv=2022-11-02&sig=abc\" }\n}\n", name, stub.URL(), name)
	}
	return container("files") + container("missing") + `
backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
tenant "t" {
  mount "/" {
    backend = backend.azblob.files
    path    = "contoso"
  }
  mount "/missing" { backend = backend.azblob.missing }
  mount "/m" {
    backend = backend.memory.m
    access  = "read"
  }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
`
}

func TestCheckOnline(t *testing.T) {
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer("files")
	status, stdout, _, _ := checkFile(t, onlineConfig(stub), "-online", "-write-probe", "-format", "json")
	var doc jsonResult
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if status != exitUsage || len(doc.Problems) != 1 || doc.Problems[0].Summary != "Store cannot be opened" || doc.Problems[0].Line != 6 ||
		!strings.Contains(doc.Problems[0].Detail, "The account has no such container: create it") {
		t.Errorf("exit status %d:\n%s", status, stdout)
	}
	if len(doc.Stores) != 3 {
		t.Fatalf("%d stores, want 3", len(doc.Stores))
	}
	files, missing, memory := doc.Stores[0].Online, doc.Stores[1].Online, doc.Stores[2].Online
	if !files.OK || !strings.HasPrefix(files.Wrote, "/contoso/tidegate-check-") || files.ClockAheadMS == nil {
		t.Errorf("files: %+v", files)
	}
	if missing.OK || missing.Wrote != "" {
		t.Errorf("missing: %+v", missing)
	}
	if !memory.OK || memory.Wrote != "" || memory.ClockAheadMS != nil {
		t.Errorf("memory, which is only read: %+v", memory)
	}
	// The file is gone, and without -write-probe nothing is written.
	_, stdout, stderr, _ := checkFile(t, onlineConfig(stub), "-online")
	if !strings.Contains(stdout, "backend azblob.files: open and listed within") || strings.Contains(stdout, "written") {
		t.Errorf("got:\n%s%s", stdout, stderr)
	}
	if names := stub.Names("files"); len(names) > 0 {
		t.Errorf("the container has %q", names)
	}
}

func TestOnlineFlags(t *testing.T) {
	for flags, want := range map[string]string{
		"-write-probe": "needs -online", "-here -allow-missing-env": "need all variables", "-online -allow-missing-env": "need all variables",
	} {
		status, _, stderr := tidegate(t, "", append(append([]string{"check"}, strings.Fields(flags)...), "-")...)
		if status != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit status %d:\n%s", flags, status, stderr)
		}
	}
}

func TestClockOfStore(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		0: "", time.Second: "", -time.Hour: "is 1h0m0s ahead of the service's", 10 * time.Minute: "is 10m0s behind the service's",
	} {
		diags := storeProblems(gateway.StoreCheck{Backend: &config.Backend{}, Clock: ahead, ClockKnown: true})
		if len(diags) > 0 != (want != "") || want != "" && !strings.Contains(diags[0].Detail, want) {
			t.Errorf("%v: %v, want %q", ahead, diags, want)
		}
	}
}

// -online asks the receivers of events, which get no event, and says which cannot be reached.
func TestCheckReceivers(t *testing.T) {
	var asked []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked = append(asked, r.Method) }))
	defer receiver.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	event := func(name, url string) string {
		return fmt.Sprintf("event \"webhook\" %q {\n url = %q\n secrets = [%q]\n}\n", name, url+planted.WebhookQuery, planted.WebhookSecret)
	}
	stub := azstub.Start(t, azstub.Options{})
	for _, name := range []string{"files", "missing"} {
		stub.CreateContainer(name)
	}
	text := onlineConfig(stub) + event("here", receiver.URL) + event("gone", gone.URL)
	status, stdout, stderr, _ := checkFile(t, text, "-online")
	if status != exitUsage || !strings.Contains(stdout, "event webhook.here: answers 200 OK to OPTIONS, within ") ||
		!strings.Contains(stderr, "Receiver of events cannot be reached") || !strings.Contains(stderr, "connection refused") || !slices.Equal(asked, []string{"OPTIONS"}) {
		t.Errorf("exit status %d after %q:\n%s%s", status, asked, stdout, stderr)
	}
	_, document, _, _ := checkFile(t, text, "-online", "-format", "json")
	var doc jsonResult
	if err := json.Unmarshal([]byte(document), &doc); err != nil || len(doc.Receivers) != 2 || !doc.Receivers[0].OK || doc.Receivers[1].OK || doc.Receivers[1].Name != "webhook.gone" {
		t.Errorf("%v:\n%s", err, document)
	}
	if name := planted.In(stdout + stderr + document); name != "" {
		t.Errorf("the output has %s", name)
	}
}
