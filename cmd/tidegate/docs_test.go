package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/cmd/internal/gateway"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/internal/testing/reference"
)

var update = flag.Bool("update", false, "write the tables of docs/configuration.md anew")

//go:generate go test -run ^TestReferencePage$ -update .

const referencePage = "../../docs/configuration.md"

func TestReferencePage(t *testing.T) {
	page, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	got, err := reference.Fill(os.DirFS("../.."), string(page), func(dir, name string) map[string]string {
		return defaults(t, dir, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(referencePage, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := cmp.Diff(string(page), got); d != "" {
		t.Errorf("%s is not what the code says; go generate ./cmd/tidegate brings it up to date (-is +should be):\n%s", referencePage, d)
	}
	// The documentation describes every linked type.
	r := gateway.Registry()
	for _, b := range r.Backends {
		if !strings.Contains(got, "\n### "+b.Name()+"\n") {
			t.Errorf("there is no section on the backend %s", b.Name())
		}
	}
	for _, f := range r.Frontends {
		if !strings.Contains(got, "\n### "+f.Name()+"\n") {
			t.Errorf("there is no section on the frontend %s", f.Name())
		}
	}
	for _, e := range r.Events {
		if !strings.Contains(got, "\n### "+e.Name()+"\n") {
			t.Errorf("there is no section on the event %s", e.Name())
		}
	}
}

// defaults returns the defaults of the arguments of a block, from the types that decode
// such blocks.
func defaults(t *testing.T, dir, name string) map[string]string {
	t.Helper()
	if name != "Config" {
		return nil
	}
	r := gateway.Registry()
	for _, b := range r.Backends {
		if dir == "backends/"+b.Name() {
			c, _ := b.Decode(hcl.EmptyBody(), nil)
			return values(c)
		}
	}
	for _, f := range r.Frontends {
		if dir == "frontends/"+f.Name() {
			c, _ := f.Decode(hcl.EmptyBody(), nil)
			return values(c)
		}
	}
	for _, e := range r.Events {
		if dir == "cmd/internal/events/"+strings.ReplaceAll(e.Name(), "_", "") {
			c, _ := e.Decode(hcl.EmptyBody(), nil)
			return values(c)
		}
	}
	t.Errorf("nothing decodes blocks of %s", dir)
	return nil
}

func values(c any) map[string]string {
	v := reflect.ValueOf(c).Elem()
	all := map[string]string{}
	for i := range v.NumField() {
		name, kind, _ := strings.Cut(v.Type().Field(i).Tag.Get("hcl"), ",")
		f := v.Field(i)
		if kind != "optional" || f.IsZero() {
			continue
		}
		switch f.Kind() {
		case reflect.String:
			all[name] = config.Quote(f.String())
		case reflect.Bool, reflect.Int:
			all[name] = fmt.Sprint(f.Interface())
		}
	}
	return all
}

// Every example in the documentation is a correct configuration.
func TestExamples(t *testing.T) {
	t.Setenv("NODE_INDEX", "2")
	t.Setenv("AZURE_STORAGE_KEY", base64.StdEncoding.EncodeToString(make([]byte, 64)))
	for _, name := range []string{"CAMERA_01_HASH", "CONTOSO_HASH", "FABRIKAM_HASH", "DIRECTORY_TOKEN"} {
		t.Setenv(name, "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	}
	t.Setenv("EVENTS_SECRET", planted.WebhookSecret)
	examples, err := filepath.Glob("../../deploy/examples/*.hcl")
	if err != nil || len(examples) < 4 {
		t.Fatalf("%d examples, %v", len(examples), err)
	}
	for _, path := range examples {
		t.Run(filepath.Base(path), func(t *testing.T) {
			status, _, stderr := tidegate(t, "", "check", path)
			if status != exitOK {
				t.Errorf("exit status %d:\n%s", status, stderr)
			}
		})
	}
	t.Run("warnings", func(t *testing.T) { examplesWarnOfNothing(t, examples) })
	// The examples of one page make one configuration.
	for _, path := range []string{"../../README.md", referencePage} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var sources []config.Source
			for _, m := range regexp.MustCompile("(?s)\n```hcl\n(.*?)```").FindAllSubmatchIndex(page, -1) {
				line := 1 + strings.Count(string(page[:m[2]]), "\n")
				sources = append(sources, config.Source{Name: fmt.Sprintf("%s+%d", path, line), Bytes: page[m[2]:m[3]]})
			}
			if len(sources) == 0 {
				t.Fatal("no example")
			}
			c, diags := config.Load(sources, gateway.Registry(), hostmemory.Limit{})
			if c != nil {
				diags = append(diags, c.Servable(sources)...)
			}
			var b strings.Builder
			if err := config.WriteDiagnostics(&b, sources, diags); err != nil || diags.HasErrors() {
				t.Errorf("%v\n%s", err, b.String())
			}
		})
	}
}

// examplesWarnOfNothing checks the examples with all files that they name.
func examplesWarnOfNothing(t *testing.T, examples []string) {
	ed, ec, rsaFile := hostKeyFiles(t)
	cert, key := pemFiles(t, time.Now().AddDate(0, 2, 0))
	users, err := filepath.Abs("../../deploy/examples/contoso.users")
	if err != nil {
		t.Fatal(err)
	}
	there := strings.NewReplacer(
		`"contoso.users"`, fmt.Sprintf("%q", users),
		"ssh_host_ed25519_key\"", ed+"\"", "ssh_host_ecdsa_key\"", ec+"\"", "ssh_host_rsa_key\"", rsaFile+"\"",
		"/etc/tidegate/tls.crt", cert, "/etc/tidegate/tls.key", key,
		"/etc/tidegate/ftp.contoso.example.crt", cert, "/etc/tidegate/ftp.contoso.example.key", key, `root = "files"`, fmt.Sprintf("root = %q", t.TempDir()),
		`"logs/`, `"`+t.TempDir()+"/",
	)
	for _, path := range examples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		copied := filepath.Join(t.TempDir(), filepath.Base(path))
		write(t, copied, there.Replace(string(text)))
		if status, _, stderr := tidegate(t, "", "check", copied); status != exitOK || stderr != "" {
			t.Errorf("check of %s: %d\n%s", path, status, stderr)
		}
	}
}

// hostKeyFiles makes a host key of each type, so that every client supports one.
func hostKeyFiles(t *testing.T) (ed25519, ecdsa, rsaFile string) {
	t.Helper()
	dir := t.TempDir()
	ed25519, ecdsa, rsaFile = filepath.Join(dir, "ed25519"), filepath.Join(dir, "ecdsa"), filepath.Join(dir, "rsa")
	private, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err := errors.Join(err, sftp.EnsureHostKey(ed25519), sftp.EnsureECDSAHostKey(ecdsa)); err != nil {
		t.Fatal(err)
	}
	write(t, rsaFile, string(pem.EncodeToMemory(block)))
	return ed25519, ecdsa, rsaFile
}
