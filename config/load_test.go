package config_test

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/hostmemory"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/tenant"
)

var update = flag.Bool("update", false, "write the golden files anew")

// store is a backend type as a backend package would define it.
type store struct {
	Root      string        `hcl:"root"`
	RootRange hcl.Range     `hcl:"root,attr_value_range"`
	Key       config.Secret `hcl:"key,optional"`
	Token     config.Secret `hcl:"token,optional"`
}

func (s *store) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if strings.Contains(s.Root, "/") && !strings.HasPrefix(s.Root, "/") {
		diags = append(diags, config.Problem(s.RootRange, "Root must be absolute", fmt.Sprintf("%q is not.", s.Root)))
	}
	if s.Key != "" && s.Token != "" {
		diags = append(diags, config.Problem(hcl.Range{}, "Key and token", "Write one of them."))
	}
	return diags
}

func registry() config.Registry {
	return config.Registry{
		Backends: []config.Type{config.TypeOf("store", func() store { return store{} })},
		Frontends: []config.Type{
			config.TypeOf("server", func() listener { return listener{} }),
			config.TypeOf("narrow", func() narrow { return narrow{} }),
		},
		Events: []config.Type{config.TypeOf("hook", func() hook { return hook{} })},
	}
}

// hook is a type of receivers of events.
type hook struct {
	To string `hcl:"to"`
}

func (*hook) Validate() hcl.Diagnostics { return nil }

// listener is a frontend type.
type listener struct {
	Listen string `hcl:"listen"`
}

func (*listener) Validate() hcl.Diagnostics { return nil }

// narrow is a frontend type that can serve some tenants, and that has a certificate for
// certified.example.
type narrow struct {
	Tenants      []string  `hcl:"tenants,optional"`
	TenantsRange hcl.Range `hcl:"tenants,attr_value_range"`
}

func (*narrow) Validate() hcl.Diagnostics { return nil }

func (n *narrow) ServedTenants() ([]string, hcl.Range) { return n.Tenants, n.TenantsRange }

func (*narrow) AsksForCertificates() bool { return true }

func (*narrow) Certifies(host string) (yes, known bool) { return host == "certified.example", true }

func TestValid(t *testing.T) {
	paths, err := filepath.Glob("testdata/valid/*.hcl")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range append(paths, "testdata/valid/directory", "testdata/valid/spread") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			sources, diags := config.Read(path)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			c, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if len(diags) > 0 {
				t.Fatal(render(t, sources, diags))
			}
			got := dump(c)
			golden := strings.TrimSuffix(path, ".hcl") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Each wrong line has a comment "# ERROR: summary". A missing diagnostic, an additional
// one, and one without a place are failures.
func TestInvalid(t *testing.T) {
	paths, err := filepath.Glob("testdata/invalid/*")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			sources, diags := config.Read(path)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			c, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if c != nil {
				t.Error("Load returned a configuration beside errors")
			}
			got, want := map[string][]string{}, map[string][]string{}
			for _, file := range filesAt(t, path) {
				src, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				got[file], want[file] = nil, expected(src)
			}
			for _, d := range diags {
				if d.Subject == nil {
					t.Errorf("no place: %v", d)
					continue
				}
				if _, ok := got[d.Subject.Filename]; !ok {
					t.Errorf("a place elsewhere: %v", d)
				}
				if d.Detail == "" {
					t.Errorf("no detail: %v", d)
				}
				got[d.Subject.Filename] = append(got[d.Subject.Filename], fmt.Sprintf("%d: %s", d.Subject.Start.Line, d.Summary))
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s\n%s", d, render(t, sources, diags))
			}
			if len(got) == 1 && !slices.IsSortedFunc(diags, func(a, b *hcl.Diagnostic) int { return a.Subject.Start.Byte - b.Subject.Start.Byte }) {
				t.Error("the diagnostics are not in the order of the source")
			}
		})
	}
}

// filesAt returns the files of an example, which is one or a directory of them.
func filesAt(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(path, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// expected returns the problems in the comments of a file. A comment /* … */ can be in front of
// code that ends its line.
func expected(src []byte) []string {
	comment := regexp.MustCompile(`# ERROR: (.*?)(?: \*/.*)?$`)
	var want []string
	line := 0
	for text := range strings.Lines(string(src)) {
		line++
		if m := comment.FindStringSubmatch(strings.TrimSuffix(text, "\n")); m != nil {
			want = append(want, fmt.Sprintf("%d: %s", line, m[1]))
		}
	}
	return want
}

func TestProblemsOfAllFilesAtOnce(t *testing.T) {
	sources := []config.Source{
		{Name: "conf/a.hcl", Bytes: []byte("log { level = \"x\" }\ntenant \"t\" {\n  mount \"/\" { backend = backend.store.nope }\n}\n")},
		{Name: "conf/b.hcl", Bytes: []byte("log {}\ntenant \"T\" {\n  mount \"/\" { backend = backend.store.nope }\n}\n")},
	}
	_, diags := config.Load(sources, registry(), hostmemory.Limit{})
	text := render(t, sources, diags)
	for _, want := range []string{
		"conf/a.hcl:1:15: Invalid value for level",
		"conf/a.hcl:3:25: Unknown backend",
		"conf/b.hcl:1:1: Duplicate block",
		"the first is at conf/a.hcl:1:1",
		"conf/b.hcl:2:8: Duplicate tenant",
		"already defined at conf/a.hcl:2:8",
		"conf/b.hcl:3:25: Unknown backend",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	// With syntax errors in two files, both are reported.
	sources = []config.Source{{Name: "a.hcl", Bytes: []byte("log {")}, {Name: "b.hcl", Bytes: []byte("= 1")}}
	_, diags = config.Load(sources, registry(), hostmemory.Limit{})
	text = render(t, sources, diags)
	if !strings.Contains(text, "a.hcl:") || !strings.Contains(text, "b.hcl:") {
		t.Errorf("want both files in:\n%s", text)
	}
}

func TestSuggestions(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"argument", `log { levl = "info" }`, `Did you mean "level"?`},
		{"block", `tenat "x" {}`, `Did you mean "tenant"?`},
		{"type", `backend "stroe" "x" {}`, `Did you mean "store"?`},
		{"word", `log { level = "DEBUG" }`, `Did you mean "debug"?`},
		{"word that is near to none", `log { level = "loud" }`, `Write one of "debug", "info", "warn" and "error".`},
		{"function", `node { name = hostnam() }`, `Did you mean "hostname"?`},
		{"backend", "backend \"store\" \"disk\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.disc }\n}", "Did you mean backend.store.disk?"},
		{"no backend at all", "tenant \"t\" {\n mount \"/\" { backend = backend.store.disk }\n}", "No backend is defined."},
		{"environment as an object", `node { name = env.HOSTNAME }`, `env("NAME")`},
		{"index that is not set", `backend "store" "x" { root = "/${node.index}" }`, `node { index = ordinal(hostname()) }`},
		{"scale set", `node { index = ordinal("ftp00000A") }`, `env("NODE_INDEX")`},
		{"network with host bits", "backend \"store\" \"d\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.d }\n user \"u\" {\n networks = [\"10.1.2.3/8\"]\n }\n}", `"10.0.0.0/8"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			sources := []config.Source{{Name: "x.hcl", Bytes: []byte(test.source)}}
			_, diags := config.Load(sources, registry(), hostmemory.Limit{})
			if text := render(t, sources, diags); !strings.Contains(text, test.want) {
				t.Errorf("no %q in:\n%s", test.want, text)
			}
		})
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{
		dir:                               "holds no *.hcl file",
		filepath.Join(dir, "missing.hcl"): "no such file",
	} {
		sources, diags := config.Read(name)
		if len(sources) != 0 || len(diags) != 1 || diags[0].Subject == nil || !strings.Contains(diags[0].Detail, want) {
			t.Errorf("Read(%q) = %v, %v, want one problem with %q", name, sources, diags, want)
		}
	}
}

func TestServable(t *testing.T) {
	sources, diags := config.Read("testdata/valid/minimal.hcl")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	c, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if diags := c.Servable(sources); len(diags) > 0 {
		t.Errorf("minimal.hcl: %v", diags)
	}
	empty, _ := config.Load([]config.Source{{Name: "empty.hcl"}}, registry(), hostmemory.Limit{})
	diags = empty.Servable([]config.Source{{Name: "empty.hcl"}})
	if len(diags) != 2 || diags[0].Subject.Filename != "empty.hcl" {
		t.Errorf("an empty file: %v, want two problems with a place", diags)
	}
}

func render(t testing.TB, sources []config.Source, diags hcl.Diagnostics) string {
	t.Helper()
	var b bytes.Buffer
	if err := config.WriteDiagnostics(&b, sources, diags); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// dump writes a configuration for people, one value a line.
func dump(c *config.Config) string {
	var b strings.Builder
	name := c.Node.Name
	if host, _ := os.Hostname(); name == host {
		name = "(host name)"
	}
	fmt.Fprintf(&b, "node %s\n", name)
	fmt.Fprintf(&b, "transfers %d bytes, %v\n", c.Transfers.Memory, c.Transfers.Grace)
	if c.Transfers.DrainDelay > 0 {
		fmt.Fprintf(&b, "drain_delay %v\n", c.Transfers.DrainDelay)
	}
	if c.Transfers.AzureScheduledEvents {
		b.WriteString("azure_scheduled_events\n")
	}
	if c.Reload.Watch != config.WatchUsers {
		fmt.Fprintf(&b, "reload watch=%d interval=%v\n", c.Reload.Watch, c.Reload.Interval)
	}
	for _, f := range c.Files {
		fmt.Fprintf(&b, "made of %s users=%v\n", filepath.ToSlash(f.Name), f.Users)
	}
	fmt.Fprintf(&b, "log %v %v trace=%v\n", c.Log.Level, c.Log.Format, c.Trace)
	for _, o := range c.AccessLogs {
		o.Node = ""
		fmt.Fprintf(&b, "%s %+v\n", o.Name, o)
	}
	if c.Guessing != guessing.Defaults() {
		fmt.Fprintf(&b, "guessing %+v\n", c.Guessing)
	}
	if t := c.Tracing; t != nil {
		fmt.Fprintf(&b, "tracing %s %v ca=%q service=%q ratio=%v paths=%v\n", t.Endpoint, t.Headers, t.CAFile, t.Service, *t.Ratio, t.Paths)
	}
	for _, x := range c.Backends {
		fmt.Fprintf(&b, "backend %s %s %+v\n", x.Type, x.Name, *x.Config.(*store))
	}
	for _, x := range c.Events {
		fmt.Fprintf(&b, "event %s %s %+v %+v\n", x.Type, x.Name, *x.Config.(*hook), x.Settings)
	}
	for _, x := range c.Frontends {
		switch body := x.Config.(type) {
		case *listener:
			fmt.Fprintf(&b, "frontend %s %s %+v\n", x.Type, x.Name, *body)
		case *narrow:
			fmt.Fprintf(&b, "frontend %s %s tenants=%q\n", x.Type, x.Name, body.Tenants)
		}
	}
	for _, t := range c.Tenants {
		fmt.Fprintf(&b, "tenant %s\n", t.Name)
		if len(t.Hosts) > 0 {
			fmt.Fprintf(&b, "  hosts %q\n", t.Hosts)
		}
		if t.Limits != (limits.Limits{}) {
			fmt.Fprintf(&b, "  limits %+v\n", t.Limits)
		}
		if len(t.Networks) > 0 {
			fmt.Fprintf(&b, "  networks=%v\n", t.Networks)
		}
		if a := t.Authority; a != nil {
			fmt.Fprintf(&b, "  auth %s %s %v ca=%q cert=%q key=%q timeout=%v requests=%d\n", a.Name, a.URL, a.Token, a.CAFile, a.CertFile, a.KeyFile, a.Timeout, a.Requests)
		}
		if len(t.Authorities)+len(t.Revoked) > 0 {
			fmt.Fprintf(&b, "  authorities=%d revoked=%v\n", len(t.Authorities), slices.Sorted(maps.Keys(t.Revoked)))
		}
		for _, m := range t.Mounts {
			fmt.Fprintf(&b, "  mount %v = %s.%s %v readonly=%v cache=%q\n", m.At, m.Backend.Type, m.Backend.Name, m.Path, m.ReadOnly, m.CacheControl)
			for _, ext := range slices.Sorted(maps.Keys(m.ContentTypes)) {
				fmt.Fprintf(&b, "    %s = %s\n", ext, m.ContentTypes[ext])
			}
		}
		for _, u := range t.Users {
			fmt.Fprintf(&b, "  user %s %v keys=%d factors=%d home=%v allow=%07b networks=%v uploads=%+v dialect=%+v\n",
				u.Name, u.PasswordHash, len(u.Keys), u.Factors, u.Home, u.Allow, u.Networks, u.Uploads, u.Dialect)
			if u.Disabled || !u.Expires.IsZero() || u.OnChange != tenant.WhenIdle {
				fmt.Fprintf(&b, "    disabled=%v expires=%v on_change=%d protocols=%v\n", u.Disabled, u.Expires.UTC(), u.OnChange, u.Protocols)
			}
			if !u.PasswordExpires.IsZero() {
				fmt.Fprintf(&b, "    password_expires=%v\n", u.PasswordExpires)
			}
			if u.Limits != (limits.Limits{}) {
				fmt.Fprintf(&b, "    limits %+v\n", u.Limits)
			}
			if len(u.Principals) > 0 {
				fmt.Fprintf(&b, "    principals %q\n", u.Principals)
			}
			if !u.Root.IsRoot() {
				fmt.Fprintf(&b, "    root %v\n", u.Root)
			}
			for _, rule := range u.Paths {
				fmt.Fprintf(&b, "    path %v allow=%07b\n", rule.At, rule.Allow)
			}
			if len(u.Names.Allow)+len(u.Names.Deny) > 0 {
				fmt.Fprintf(&b, "    names %q but %q\n", u.Names.Allow, u.Names.Deny)
			}
		}
	}
	return b.String()
}

// A host name that no certificate of a frontend has is a warning, for each frontend that
// serves the tenant.
func TestHostWithoutCertificate(t *testing.T) {
	sources := []config.Source{{Name: "x.hcl", Bytes: []byte(`
backend "store" "disk" { root = "/" }
frontend "narrow" "both" {}
frontend "narrow" "other" { tenants = ["b"] }
tenant "a" {
  hosts = ["certified.example", "ftp.a.example"]
  mount "/" { backend = backend.store.disk }
}
tenant "b" {
  mount "/" { backend = backend.store.disk }
}
`)}}
	_, diags := config.Load(sources, registry(), hostmemory.Limit{})
	if diags.HasErrors() || len(diags) != 1 || diags[0].Subject.Start.Line != 6 {
		t.Fatal(render(t, sources, diags))
	}
	if text := render(t, sources, diags); !strings.Contains(text, `"narrow" "both" is for ftp.a.example`) {
		t.Error(text)
	}
}
