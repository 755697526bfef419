package azblob_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// planted is a key that must never be seen.
const planted = "cGxhbnRlZHNlY3JldHBsYW50ZWRzZWNyZXRwbGFudGVkc2VjcmV0cGxhbnRlZHNlY3JldHBsYW50ZWRzZWNycw=="

func decode(t *testing.T, text string) (backends.Config, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, diags := azblob.Type().Decode(file.Body, nil)
	return body.(backends.Config), diags
}

func TestConfigGood(t *testing.T) {
	tests := []struct{ name, text string }{
		{"shared key", `account = "contoso"
			container = "in-1"
			auth "shared_key" { key = "` + planted + `" }`},
		{"emulator", `endpoint = "http://127.0.0.1:10000/devstoreaccount1"
			container = "ingest"
			auth "shared_key" { key = "` + planted + `" }`},
		{"other cloud", `endpoint = "https://contoso.blob.core.chinacloudapi.cn/"
			container = "$web"
			auth "shared_key" { key = "` + planted + `" }`},
		{"custom domain", `endpoint = "https://files.contoso.com"
			container = "ingest"
			auth "shared_key" {
				account = "contoso"
				key = "` + planted + `"
			}`},
		{"sas", `account = "contoso"
			container = "ingest"
			auth "sas" { token = "?sv=2022-11-02&sig=abc%3D" }`},
		{"connection string", `container = "ingest"
			auth "connection_string" { value = "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=` + planted + `;EndpointSuffix=core.windows.net" }`},
		{"managed identity", `account = "contoso"
			container = "ingest"
			hns = "false"
			rename_entries = 10
			keep_tags = true
			access_tier = "cool"
			append_copy_limit = "5GiB"
			directory_markers = "slash"
			auth "managed_identity" { client_id = "11111111-2222-3333-4444-555555555555" }`},
		{"workload identity", `account = "contoso"
			container = "ingest"
			auth "workload_identity" {}`},
		{"default", `account = "contoso"
			container = "ingest"
			auth "default" {}`},
		{"anonymous", `account = "contoso"
			container = "ingest"
			auth "anonymous" {}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, diags := decode(t, test.text)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if shown := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(shown, planted) || strings.Contains(shown, "abc%3D") {
				t.Errorf("the configuration shows its secret: %s", shown)
			}
		})
	}
}

func TestConfigBad(t *testing.T) {
	const good = `account = "contoso"
container = "ingest"
`
	const key = `auth "shared_key" { key = "` + planted + `" }`
	tests := []struct {
		name, text string
		line       int // of the value that is wrong
		summary    string
	}{
		{"no auth", good, 1, "Missing auth block"},
		{"two auths", good + key + "\nauth \"default\" {}", 4, "More than one auth block"},
		{"unknown auth", good + `auth "password" {}`, 3, "Unknown kind of credential"},
		{"no key", good + `auth "shared_key" {}`, 3, "Missing attribute"},
		{"key is not base64", good + "auth \"shared_key\" {\nkey = \"not a key\"\n}", 4, "Not an account key"},
		{"key is short", good + "auth \"shared_key\" {\nkey = \"AAAA\"\n}", 4, "Unusual account key"},
		{"key of another kind", good + "auth \"sas\" {\ntoken = \"sig=1\"\nkey = \"x\"\n}", 5, "Attribute does not belong here"},
		{"sas is a URL", good + `auth "sas" { token = "https://contoso.blob.core.windows.net/" }`, 3, "Not a shared access signature"},
		{"two identities", good + "auth \"managed_identity\" {\nclient_id = \"a\"\nresource_id = \"b\"\n}", 5, "Two names for one identity"},
		{"connection string is none", "container = \"ingest\"\nauth \"connection_string\" { value = \"" + planted + "\" }", 2, "Not a connection string"},
		{"connection string and account", good + `auth "connection_string" { value = "x" }`, 1, "Account given twice"},
		{"connection string and endpoint", "endpoint = \"https://a\"\ncontainer = \"ingest\"\nauth \"connection_string\" { value = \"x\" }", 1, "Endpoint given twice"},
		{"no account", "container = \"ingest\"\n" + key, 1, "Missing account"},
		{"both", good + "endpoint = \"https://a\"\n" + key, 3, "Both account and endpoint"},
		{"account is a host", "account = \"contoso.blob.core.windows.net\"\ncontainer = \"ingest\"\n" + key, 1, "Not a name of an account"},
		{"endpoint is a host", "endpoint = \"contoso.blob.core.windows.net\"\ncontainer = \"ingest\"\n" + key, 1, "Not an endpoint"},
		{"endpoint with a SAS", "endpoint = \"https://a/?sig=x\"\ncontainer = \"ingest\"\n" + key, 1, "Endpoint holds more than a place"},
		{"token over HTTP", "endpoint = \"http://a\"\ncontainer = \"ingest\"\nauth \"default\" {}", 1, "Endpoint is not encrypted"},
		{"account cannot be told", "endpoint = \"https://files.contoso.com\"\ncontainer = \"ingest\"\n" + key, 3, "Missing account"},
		{"container with capitals", "account = \"contoso\"\ncontainer = \"Ingest\"\n" + key, 2, "Not a name of a container"},
		{"container with two hyphens", "account = \"contoso\"\ncontainer = \"in--gest\"\n" + key, 2, "Not a name of a container"},
		{"container is short", "account = \"contoso\"\ncontainer = \"in\"\n" + key, 2, "Not a name of a container"},
		{"root container", "account = \"contoso\"\ncontainer = \"$root\"\n" + key, 2, "The root container cannot be used"},
		{"hns", good + "hns = \"maybe\"\n" + key, 3, "Unknown value of hns"},
		{"dfs_endpoint", good + "dfs_endpoint = \"contoso.dfs.core.windows.net\"\n" + key, 3, "Not an endpoint"},
		{"file_rename", good + "file_rename = \"fast\"\n" + key, 3, "Unknown value of file_rename"},
		{"acl", good + "acl = \"drop\"\n" + key, 3, "Unknown value of acl"},
		{"attributes", good + "attributes = \"all\"\n" + key, 3, "Unknown value of attributes"},
		{"rename_entries", good + "rename_entries = 0\n" + key, 3, "rename_entries is too small"},
		{"access_tier", good + "access_tier = \"archive\"\n" + key, 3, "Unknown access tier"},
		{"append_copy_limit", good + "append_copy_limit = \"0B\"\n" + key, 3, "append_copy_limit is too small"},
		{"append_copy_limit is no size", good + "append_copy_limit = \"many\"\n" + key, 3, "Invalid size"},
		{"directory_markers", good + "directory_markers = \"backslash\"\n" + key, 3, "Unknown value of directory_markers"},
		{"unknown attribute", good + "folder = \"x\"\n" + key, 3, "Unsupported argument"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, diags := decode(t, test.text)
			if len(diags) != 1 {
				t.Fatalf("%d diagnostics, want 1: %v", len(diags), diags)
			}
			d := diags[0]
			if d.Summary != test.summary || d.Subject == nil || d.Detail == "" {
				t.Fatalf("got %q at %v: %s, want %q", d.Summary, d.Subject, d.Detail, test.summary)
			}
			if d.Subject.Start.Line != test.line {
				t.Errorf("line %d, want %d", d.Subject.Start.Line, test.line)
			}
			if strings.Contains(d.Error(), planted) {
				t.Errorf("the diagnostic shows the secret: %s", d)
			}
		})
	}
}

// TestOpen proves the diagnostics for a container that cannot be used.
func TestOpen(t *testing.T) {
	stub := azstub.Start(t, azstub.Options{})
	stub.CreateContainer(testContainer)
	lake := azstub.Start(t, azstub.Options{HNS: true})
	lake.CreateContainer(testContainer)
	text := func(endpoint, name, key string) string {
		return fmt.Sprintf("endpoint = %q\ncontainer = %q\nauth \"shared_key\" { key = %q }", endpoint, name, key)
	}
	tests := []struct{ name, text, want string }{
		{"good", text(stub.URL(), testContainer, azstub.DevKey), ""},
		{"connection string", fmt.Sprintf("container = %q\nauth \"connection_string\" { value = %q }", testContainer, stub.ConnectionString()), ""},
		{"no container", text(stub.URL(), "missing", azstub.DevKey), "no such container"},
		{"wrong key", text(stub.URL(), testContainer, planted), "the key is none of the account devstoreaccount1"},
		{"lake", text(lake.URL(), testContainer, azstub.DevKey) + fmt.Sprintf("\ndfs_endpoint = %q", lake.DFSURL()), ""},
		{"lake, said to be one", text(lake.URL(), testContainer, azstub.DevKey) + fmt.Sprintf("\ndfs_endpoint = %q\nhns = \"true\"", lake.DFSURL()), ""},
		{"lake without dfs", text(lake.URL(), testContainer, azstub.DevKey), "write dfs_endpoint"},
		{"flat, said to be a lake", text(stub.URL(), testContainer, azstub.DevKey) + "\nhns = \"true\"", "has no hierarchical namespace"},
		{"lake, said to be flat", text(lake.URL(), testContainer, azstub.DevKey) + "\nhns = \"false\"", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, diags := decode(t, test.text)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			b, err := c.Open(t.Context(), backends.Env{Name: "x", Log: slog.New(slog.DiscardHandler), Chunks: chunk.New(16 << 20)})
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			if strings.Contains(err.Error(), planted) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

// TestSecretStaysSecret proves that a SAS does not come out with the errors of
// the network either.
func TestSecretStaysSecret(t *testing.T) {
	s := azstub.Start(t, azstub.Options{})
	url := s.URL()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{
		ContainerURL: url + "/" + testContainer + "?sv=2022-11-02&sig=" + planted, Chunks: chunk.New(1 << 20), Retry: quick(),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = b.Probe(t.Context(), azblob.NamespaceAuto)
	if err == nil || strings.Contains(err.Error(), planted) {
		t.Errorf("got %v", err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}
