package reference

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const source = `package p

type Config struct {
	// Listen is the address: "0.0.0.0:21 | x",
	// over two lines.
	Listen      string    ` + "`hcl:\"listen\"`" + `
	ListenRange hcl.Range ` + "`hcl:\"listen,attr_value_range\"`" + `
	// How long. Default: ` + "`\\\"1.5h\\\"`" + `.
	Idle string ` + "`hcl:\"idle,optional\"`" + `
	// Which one. Required.
	Ref hcl.Expression ` + "`hcl:\"ref\"`" + `
	// Key is secret.
	Key config.Secret ` + "`hcl:\"key,optional\"`" + `
	// How many.
	Count *int ` + "`hcl:\"count\"`" + `
	// Whether.
	On bool ` + "`hcl:\"on,optional\"`" + `
	// CertFile and KeyFile are files; see Listen.
	CertFile string ` + "`hcl:\"cert_file,optional\"`" + `
	KeyFile string ` + "`hcl:\"key_file,optional\"`" + `
	// ALLO says what ALLO means.
	ALLO string ` + "`hcl:\"allo,optional\"`" + `
	// Some.
	Many []string ` + "`hcl:\"many,optional\"`" + `

	Passive Passive ` + "`hcl:\"passive,block\"`" + `
	TLS *TLS ` + "`hcl:\"tls,block\"`" + `
	other int
}

type Bare struct {
	A string ` + "`hcl:\"a\"`" + `
}
`

func TestFill(t *testing.T) {
	root := fstest.MapFS{"x/p/config.go": &fstest.MapFile{Data: []byte(source)}}
	page := "# Page\n<!-- table: x/p Config -->\nold\n<!-- end -->\ntext\n"
	want := `# Page
<!-- table: x/p Config -->
| | kind | default | |
|---|---|---|---|
| ` + "`listen`" + ` | text | required | ` + "`listen`" + ` is the address: "0.0.0.0:21 \| x", over two lines. |
| ` + "`idle`" + ` | text | ` + "`\\\"1.5h\\\"`" + ` | How long. |
| ` + "`ref`" + ` |  | required | Which one. |
| ` + "`key`" + ` | text |  | ` + "`key`" + ` is secret. |
| ` + "`count`" + ` | number |  | How many. |
| ` + "`on`" + ` | bool | ` + "`true`" + ` | Whether. |
| ` + "`cert_file`" + ` | text |  | ` + "`cert_file` and `key_file`" + ` are files; see ` + "`listen`" + `. |
| ` + "`key_file`" + ` | text |  | See above. |
| ` + "`allo`" + ` | text |  | ` + "`allo`" + ` says what ALLO means. |
| ` + "`many`" + ` | list |  | Some. |
| ` + "`passive {}`" + ` | block | required |  |
| ` + "`tls {}`" + ` | block |  |  |
<!-- end -->
text
`
	defaults := func(dir, name string) map[string]string {
		if dir != "x/p" || name != "Config" {
			t.Errorf("asked for the defaults of %s %s", dir, name)
		}
		return map[string]string{"on": "true"}
	}
	got, err := Fill(root, page, defaults)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	again, err := Fill(root, got, defaults)
	if err != nil || again != got {
		t.Errorf("filling a filled page changes it: %v\n%s", err, cmp.Diff(got, again))
	}
}

func TestFillFails(t *testing.T) {
	root := fstest.MapFS{"p/config.go": &fstest.MapFile{Data: []byte(source)}}
	for page, want := range map[string]string{
		"<!-- table: p Missing -->\n<!-- end -->": "no struct Missing in p",
		"<!-- table: q Config -->\n<!-- end -->":  "no struct Config in q",
		"<!-- table: p Bare -->\n<!-- end -->":    `"a" has no comment`,
	} {
		if _, err := Fill(root, page, func(string, string) map[string]string { return nil }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Fill(%q) = %v, want %q", page, err, want)
		}
	}
}
