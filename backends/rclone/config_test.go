package rclone_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/vfs"
)

func decode(t *testing.T, body string) (backends.Config, hcl.Diagnostics) {
	t.Helper()
	file, diags := hclparse.NewParser().ParseHCL([]byte(body), "test.hcl")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ec := &hcl.EvalContext{Variables: map[string]cty.Value{"password": cty.StringVal("s3cr3t-password")}}
	decoded, diags := rclone.Type().Decode(file.Body, ec)
	return decoded.(backends.Config), diags
}

func TestConfigProblems(t *testing.T) {
	tests := []struct {
		name string
		body string
		// want holds "line,column: summary" of each diagnostic.
		want []string
		// detail is in the detail of the first.
		detail string
	}{
		{"empty", ``, []string{"1,1: Missing required argument"}, "type"},
		{"unknown type", `type = "s4"`, []string{"1,8: Invalid value for type"}, `"s3"`},
		{"type that is not compiled in", `type = "floppy"`, []string{"1,8: Invalid value for type"}, "make build TAGS=rclone_all"},
		{"short name", "type = \"gcs\"\nroot = \"bucket\"", nil, ""},
		{"unknown attribute", "type = \"local\"\nrot = \"/\"", []string{"2,1: Unsupported argument"}, "root"},
		{"unknown option", "type = \"s3\"\noptions = {\n  provider = \"AWS\"\n  secret_acces_key = \"x\"\n}", []string{"4,3: Unknown option"}, `"secret_access_key"`},
		{"several", "type = \"s3\"\noptions = {\n  chunk_size = \"large\"\n  foo = 1\n}", []string{"3,3: Value does not fit the option", "4,3: Unknown option"}, "chunk_size"},
		{"missing option", "type = \"sftp\"\noptions = {\n  user = \"u\"\n}", []string{"2,11: Missing option"}, `"host"`},
		{"missing option without options", "type = \"sftp\"", []string{"1,8: Missing option"}, `"host"`},
		{"links", "type = \"local\"\noptions = {\n  links = true\n}", []string{"3,3: Option not allowed"}, "symbolic link"},
		{"list value", "type = \"local\"\noptions = {\n  hashes = [\"md5\"]\n}", []string{"3,3: Option is not a text"}, "commas"},
		{"options no object", "type = \"local\"\noptions = \"x\"", []string{"2,11: Options are not an object"}, "options = {"},
		{"negative entries", "type = \"local\"\nrename_entries = -1", []string{"2,18: Number of entries below zero"}, ""},
		{"numbers and booleans", "type = \"s3\"\noptions = {\n  env_auth = true\n  upload_concurrency = 3\n  chunk_size = \"16Mi\"\n  region = null\n}", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, diags := decode(t, tt.body)
			var got []string
			for _, d := range diags {
				if d.Subject == nil {
					t.Fatalf("%v has no place", d)
				}
				got = append(got, fmt.Sprintf("%d,%d: %s", d.Subject.Start.Line, d.Subject.Start.Column, d.Summary))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("diagnostics, want -, got +:\n%s\n%v", diff, diags)
			}
			if len(diags) > 0 && !strings.Contains(diags[0].Detail, tt.detail) {
				t.Errorf("detail %q, want %q in it", diags[0].Detail, tt.detail)
			}
		})
	}
}

func TestConfigKeepsSecrets(t *testing.T) {
	for _, body := range []string{
		"type = \"sftp\"\noptions = {\n  host = password\n  pass = password\n}",
		"type = \"s3\"\noptions = {\n  chunk_size = password\n  nope = password\n  provider = [password]\n}",
	} {
		c, diags := decode(t, body)
		for _, shown := range []string{
			fmt.Sprintf("%v %+v %#v", c, c, c), diags.Error(), fmt.Sprintf("%+v", diags.Errs()),
		} {
			if strings.Contains(shown, "s3cr3t-password") {
				t.Errorf("%q shows the secret: %.300s", body, shown)
			}
		}
	}
}

func TestConfigOpens(t *testing.T) {
	dir := t.TempDir()
	c, diags := decode(t, fmt.Sprintf("type = \"local\"\nroot = %q\noptions = {\n  no_set_modtime = true\n}", dir))
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	b, err := c.Open(t.Context(), backends.Env{Name: "disk", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}()
	if b.Caps().SetModTime {
		t.Errorf("Caps.SetModTime with the option no_set_modtime: the option did not reach the store")
	}
	if err := put(t, b, vfs.MustParse("/file"), "x"); err != nil {
		t.Error(err)
	}
}
