package azblob_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/expiry"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// TestConfigAuth: which attributes the identities take.
func TestConfigAuth(t *testing.T) {
	const ids = "tenant_id = \"t\"\nclient_id = \"c\"\n"
	tests := []struct{ name, auth, summary string }{
		{"secret", `auth "client_secret" {` + "\n" + ids + "client_secret = \"" + planted + "\"\n}", ""},
		{"secret, sovereign", `auth "client_secret" {` + "\n" + ids + "client_secret = \"" + planted + "\"\nauthority_host = \"https://login.microsoftonline.us/\"\naudience = \"https://storage.azure.com\"\n}", ""},
		{"no secret", `auth "client_secret" {` + "\n" + ids + "}", "Missing attribute"},
		{"certificate", `auth "client_certificate" {` + "\n" + ids + "certificate_file = \"a.pem\"\ncertificate_password = \"" + planted + "\"\n}", "File is not there"},
		{"no certificate", `auth "client_certificate" {` + "\n" + ids + "}", "Missing attribute"},
		{"cli", `auth "azure_cli" {}`, ""},
		{"cli with a client", `auth "azure_cli" { client_id = "c" }`, "Attribute does not belong here"},
		{"place is no URL", `auth "default" { authority_host = "login.microsoftonline.us" }`, "Not a place that gives tokens"},
		{"audience is no URL", `auth "default" { audience = "storage" }`, "Not an audience"},
		{"key with an audience", "auth \"shared_key\" {\nkey = \"" + planted + "\"\naudience = \"https://a\"\n}", "Attribute does not belong here"},
		{"old version", "api_version = \"2019-12-12\"\nauth \"default\" {}", "Not a version of the API"},
		{"no version", "api_version = \"latest\"\nauth \"default\" {}", "Not a version of the API"},
		{"version", "api_version = \"2021-12-02\"\nauth \"default\" {}", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, diags := decode(t, "account = \"contoso\"\ncontainer = \"ingest\"\n"+test.auth)
			switch {
			case test.summary == "" && len(diags) > 0:
				t.Error(diags)
			case test.summary != "" && (len(diags) != 1 || diags[0].Summary != test.summary):
				t.Errorf("got %v, want %q", diags, test.summary)
			}
			if shown := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(shown, planted) {
				t.Errorf("the configuration shows its secret: %s", shown)
			}
		})
	}
}

// TestSASEnds: a signature that has ended is a warning of check, is known to the process
// with its end, and is the reason for which the container is not opened.
func TestSASEnds(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	s.CreateContainer(testContainer)
	c, diags := decode(t, fmt.Sprintf("endpoint = %q\ncontainer = %q\nauth \"sas\" { token = \"sv=2022-11-02&se=2020-01-01&sig=%s\" }", s.URL(), testContainer, planted))
	if len(diags) != 1 || diags[0].Severity != hcl.DiagWarning || !strings.Contains(diags[0].Detail, "2020-01-01") {
		t.Errorf("got %v", diags)
	}
	log := &logBuffer{}
	_, err := c.Open(t.Context(), backends.Env{Name: "x", Log: log.logger(), Chunks: chunk.New(16 << 20)})
	wantLine(t, err, "has expired at 2020-01-01T00:00:00Z: make a new one [test.hcl:3]")
	ends := expiry.Thing{What: expiry.SAS, Setting: "test.hcl:3", Ends: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	if got := c.(backends.Expiring).Expiring(); len(got) != 1 || got[0] != ends {
		t.Errorf("what ends is %v", got)
	}
}

// asked is an identity that records the scopes of requests for tokens.
type asked struct {
	token
	scopes *[]string
}

func (a asked) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	*a.scopes = append(*a.scopes, o.Scopes...)
	return a.token.GetToken(ctx, o)
}

// TestAudienceAndVersion: what is configured for another cloud is what its service
// and its identities see.
func TestAudienceAndVersion(t *testing.T) {
	s := azstub.Start(t, azstub.Options{TLS: true})
	s.CreateContainer(testContainer)
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	var scopes []string
	b, err := azblob.New(azblob.Options{
		ContainerURL: s.URL() + "/" + testContainer, Token: asked{scopes: &scopes}, Transport: client.Transport, Chunks: chunk.New(4 << 20),
		Audience: "https://storage.cloud.example", APIVersion: "2021-12-02", Retry: quick(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store(t.Context(), b, "/file", vfs.CreateOptions{}, zeros(1)); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(scopes, "https://storage.cloud.example/.default") {
		t.Errorf("asked for %v", scopes)
	}
	for _, r := range s.Requests(0) {
		if got := r.Header.Get("x-ms-version"); got != "2021-12-02" {
			t.Errorf("%v asks for the version %q", r.Kind, got)
		}
	}
}

// The permissions that a signature lacks, each with what fails without it.
func TestSASLacks(t *testing.T) {
	for _, test := range []struct {
		sas, more, lacks string
	}{
		{"sp=racwdl", "", ""},
		{"sp=rwdl", "", ""},
		{"sp=rl", "", "wd"},
		{"sp=cl", "", "rwd"},
		{"sp=racwdl", "keep_tags = true", "t"},
		{"sp=racwdlt", "keep_tags = true", ""},
		{"si=policy", "", ""},
	} {
		c, diags := decode(t, "account = \"contoso\"\ncontainer = \"ingest\"\n"+test.more+"\nauth \"sas\" { token = \"sv=2022-11-02&"+test.sas+"&sig="+planted+"\" }")
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		restricted, ok := c.(config.Restricted)
		if !ok {
			t.Fatalf("%T", c)
		}
		lacks := ""
		for _, l := range restricted.Lacks() {
			lacks += l.Permission
			if l.Breaks == "" || l.Rights == 0 || l.At.Start.Line != 4 {
				t.Errorf("%s: %+v", test.sas, l)
			}
		}
		if lacks != test.lacks {
			t.Errorf("%s %s lacks %q, want %q", test.sas, test.more, lacks, test.lacks)
		}
	}
}
