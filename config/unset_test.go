package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
)

// bounded is a frontend type whose values are judged.
type bounded struct {
	Listen      string    `hcl:"listen"`
	ListenRange hcl.Range `hcl:"listen,attr_value_range"`
	Most        int       `hcl:"most,optional"`
	MostRange   hcl.Range `hcl:"most,attr_value_range"`
	Host        string    `hcl:"host,optional"`
}

func (b *bounded) Validate() hcl.Diagnostics {
	diags := config.CheckListen(b.Listen, b.ListenRange, "0.0.0.0:21")
	diags = append(diags, config.CheckBound(b.Most, b.MostRange)...)
	if b.Host == "" {
		diags = append(diags, config.Problem(hcl.Range{}, "No host", "Write host."))
	}
	return diags
}

// With AllowMissingEnv nothing that depends on a missing variable is judged, and everything
// else is.
func TestAllowMissingEnv(t *testing.T) {
	t.Setenv("TIDEGATE_TEST_SET", "x")
	const (
		unset = `env("TIDEGATE_TEST_UNSET")`
		hash  = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	)
	tenant := func(user string) string {
		return "backend \"store\" \"s\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.s }\n user \"u\" {\n" + user + "\n }\n}\n"
	}
	for name, test := range map[string]struct {
		text string
		want []string // beside the warnings of missing variables: "LINE SUMMARY"
		most int      // the number of those warnings
	}{
		"password":                       {tenant(`password_hash = ` + unset), nil, 1},
		"in a function":                  {tenant(`password_hash = trimspace(upper(` + unset + `))`), nil, 1},
		"home":                           {tenant("password_hash = " + unset + "\nhome = \"/${" + unset + "}\""), nil, 2},
		"networks":                       {tenant("password_hash = " + unset + "\nnetworks = [\"10.0.0.0/8\", " + unset + "]"), nil, 2},
		"other argument":                 {tenant("password_hash = " + unset + "\nhome = \"in\""), []string{"6 Invalid path"}, 1},
		"other user":                     {tenant("password_hash = " + unset + "\n}\nuser \"v\" {"), []string{"7 User without a password"}, 1},
		"misspelt name":                  {tenant("password_hash = " + unset + "\nhme = \"/\""), []string{"6 Unsupported argument"}, 1},
		"misspelt name, missing value":   {tenant(`password = ` + unset), []string{"5 Unsupported argument"}, 1},
		"variable that is set":           {tenant(`password_hash = env("TIDEGATE_TEST_SET")`), []string{"5 Invalid password hash"}, 0},
		"size":                           {`transfers { memory = ` + unset + ` }`, nil, 1},
		"word":                           {`log { level = ` + unset + ` }`, nil, 1},
		"number":                         {"node { index = " + unset + " }\nfrontend \"bounded\" \"f\" {\n listen = \":${2100 + node.index}\"\n host = \"h\"\n}", nil, 1},
		"number and a known one":         {"node { index = " + unset + " }\nfrontend \"bounded\" \"f\" {\n listen = \"x\"\n most = node.index\n host = \"h\"\n}", []string{"3 Invalid address to listen on"}, 1},
		"name of the node":               {"node { name = " + unset + " }\nfrontend \"bounded\" \"f\" {\n listen = node.name\n host = \"h\"\n}", nil, 1},
		"block that may lack it":         {"frontend \"bounded\" \"f\" {\n listen = \":1\"\n host = " + unset + "\n}", nil, 1},
		"block around":                   {"frontend \"bounded\" \"f\" {\n listen = \":1\"\n}", []string{"1 No host"}, 0},
		"missing argument":               {"frontend \"bounded\" \"f\" {\n host = " + unset + "\n}", []string{"1 Missing required argument"}, 1},
		"name that depends on the index": {"node { index = 1 }\nfrontend \"bounded\" \"f\" {\n listen = env(\"TIDEGATE_TEST_${node.index}\")\n host = \"h\"\n}", nil, 1},
		"local":                          {"locals { level = " + unset + " }\nlog { level = local.level }", nil, 1},
		"locals of one another":          {"locals {\n b = \"${local.a}\"\n a = " + unset + "\n}\nlog { level = local.b }", nil, 1},
		"local beside a wrong one":       {"locals {\n a = " + unset + "\n b = \"loud\"\n}\nlog { level = local.b }", []string{"5 Invalid value for level"}, 1},
		"local with the index":           {"node { index = " + unset + " }\nlocals { port = 2100 + node.index }\nfrontend \"bounded\" \"f\" {\n listen = \":${local.port}\"\n host = \"h\"\n}", nil, 1},
		"block that may lack a local":    {"locals { host = " + unset + " }\nfrontend \"bounded\" \"f\" {\n listen = \":1\"\n host = local.host\n}", nil, 1},
		"users of a local": {
			"locals { users = { u = { hash = " + unset + ", home = \"in\" } } }\n" +
				"backend \"store\" \"s\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.s }\n" +
				" dynamic \"user\" {\n  for_each = local.users\n  labels = [user.key]\n  content {\n   password_hash = user.value.hash\n   home = user.value.home\n  }\n }\n}\n",
			[]string{"10 Invalid path"},
			1,
		},
		"users of a variable": {
			"backend \"store\" \"s\" { root = \"/\" }\ntenant \"t\" {\n mount \"/\" { backend = backend.store.s }\n" +
				" dynamic \"user\" {\n  for_each = split(\",\", " + unset + ")\n  labels = [user.value]\n  content {\n   password_hash = \"x\"\n  }\n }\n}\n",
			nil, 1,
		},
		"no variable at all": {`log { level = env("") }`, nil, 1},
	} {
		t.Run(name, func(t *testing.T) {
			types := registry()
			types.Frontends = append(types.Frontends, config.TypeOf("bounded", func() bounded { return bounded{} }))
			text := strings.ReplaceAll(test.text, "HASH", hash)
			sources := []config.Source{{Name: "x.hcl", Bytes: []byte(text)}}
			c, diags := config.LoadWith(sources, types, config.Options{AllowMissingEnv: true})
			var got []string
			missing := 0
			for _, d := range diags {
				if d.Summary == "Environment variable is not set" && d.Severity == hcl.DiagWarning {
					missing++
					continue
				}
				got = append(got, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
			}
			if d := cmp.Diff(test.want, got); d != "" || missing != test.most {
				t.Errorf("%d warnings, want %d; (-want +got):\n%s\n%s", missing, test.most, d, render(t, sources, diags))
			}
			if (c == nil) != (len(test.want) > 0) {
				t.Errorf("the configuration is %v", c)
			}
			if _, diags := config.LoadWith(sources, types, config.Options{}); test.most > 0 && !diags.HasErrors() {
				t.Error("without AllowMissingEnv there is no error")
			}
		})
	}
}

// Variables of a file come before those of the environment.
func TestEnvOfOptions(t *testing.T) {
	t.Setenv("TIDEGATE_TEST_NAME", "outer")
	t.Setenv("TIDEGATE_TEST_LEVEL", "warn")
	sources := []config.Source{{Name: "x.hcl", Bytes: []byte("node { name = env(\"TIDEGATE_TEST_NAME\") }\nlog { level = env(\"TIDEGATE_TEST_LEVEL\") }")}}
	c, diags := config.LoadWith(sources, registry(), config.Options{Env: map[string]string{"TIDEGATE_TEST_NAME": "inner"}})
	if len(diags) > 0 || c.Node.Name != "inner" || c.Log.Level.String() != "WARN" {
		t.Errorf("%v, %+v", diags, c)
	}
}
