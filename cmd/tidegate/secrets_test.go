//go:build unix

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/planted"
)

// What the runtime prints when the process is asked for its goroutines, with sessions of both
// protocols that have logged in and an upload that runs, has no secret.
func TestGoroutineDumpShowsNoSecrets(t *testing.T) {
	hostKey := filepath.Join(t.TempDir(), "host.key")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	p := startProcess(t, "serve", serveConfig(t, "frontend \"sftp\" \"public\" {\n listen = \"127.0.0.1:0\"\n host_key_files = [\""+hostKey+"\"]\n}\n"))
	overFTP := p.stderr.find(t, `"msg":"listening",.*"frontend":"ftp.public","addr":"([^"]*)"`)[1]
	overSFTP := p.stderr.find(t, `"msg":"listening",.*"frontend":"sftp.public","addr":"([^"]*)"`)[1]
	c, err := ftpclient.Dial(t.Context(), overFTP, ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("upload", planted.Password); err != nil {
		t.Fatal(err)
	}
	upload, err := c.Transfer("STOR file", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer upload.Close()
	if _, err := upload.Write([]byte("begun")); err != nil {
		t.Fatal(err)
	}
	s, err := ssh.Dial("tcp", overSFTP, &ssh.ClientConfig{
		User: "upload", Auth: []ssh.AuthMethod{ssh.Password(planted.Password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := p.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-p.ended; !errors.As(err, &exit) {
		t.Errorf("the program ended with %v", err)
	}
	text, _, _ := p.stderr.now()
	for _, part := range []string{"SIGQUIT: quit", "frontends/ftp.(*session)", "frontends/sftp.(*conn)"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in the output:\n%s", part, text)
		}
	}
	if name := planted.In(text); name != "" {
		t.Errorf("the output has %s", name)
	}
}

// check -print shows everything of a configuration but its secrets, wherever their values come
// from.
func TestPrintShowsNoSecrets(t *testing.T) {
	dir := serveConfig(t, `
		locals {
		  key   = env("TIDEGATE_TEST_KEY")
		  token = "sv=2022-11-02&sr=c&sp=rcwdl&se=2126-01-01&sig=c2VjcmV0"
		  hook  = "`+planted.WebhookSecret+`"
		  url   = "https://ingest.contoso.example/events`+planted.WebhookQuery+`"
		}
		backend "azblob" "key" {
		  account   = "contoso"
		  container = "ingest"
		  auth "shared_key" { key = local.key }
		}
		backend "azblob" "token" {
		  account   = "contoso"
		  container = "ingest"
		  auth "sas" { token = local.token }
		}
		event "webhook" "hook" {
		  url     = "https://ingest.contoso.example/events"
		  secrets = [local.hook, "${local.hook}"]
		}
		event "webhook" "query" {
		  url     = "https://ingest.contoso.example/events`+planted.WebhookQuery+`"
		  secrets = [local.hook]
		}
		event "webhook" "path" {
		  url     = "https://hooks.contoso.example`+planted.WebhookPath+`"
		  secrets = [local.hook]
		}
		event "webhook" "local" {
		  url     = local.url
		  secrets = [local.hook]
		}
		event "azure_queue" "queue" {
		  account = "contoso"
		  queue   = "events"
		  auth "shared_key" { key = local.key }
		}
		backend "azblob" "string" {
		  container = "ingest"
		  auth "connection_string" { value = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=${local.key};EndpointSuffix=core.windows.net" }
		}
	`)
	t.Setenv("TIDEGATE_TEST_KEY", azstub.DevKey)
	status, stdout, stderr := tidegate(t, "", "check", "-print", dir)
	if status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, stderr)
	}
	for _, part := range []string{`user "upload"`, "password_hash", `auth "shared_key"`, "token", `event "webhook"`, "secrets", "/incoming"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("no %s in:\n%s", part, stdout)
		}
	}
	if name := planted.In(stdout + stderr); name != "" {
		t.Errorf("the output has %s", name)
	}
}
