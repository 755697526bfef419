package terraform

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// module is the module that is tested.
const module = "../../deploy/azure"

// engines returns the programs that a module may be applied with, by their names.
func engines(t *testing.T) map[string]string {
	t.Helper()
	tofu := os.Getenv("TIDEGATE_TOFU")
	if tofu == "" {
		t.Fatal("TIDEGATE_TOFU is not set: call test/terraform/run")
	}
	found := map[string]string{"tofu": tofu}
	if path, err := exec.LookPath("terraform"); err == nil {
		found["terraform"] = path
	} else {
		t.Log("Terraform is not installed: OpenTofu alone is tested")
	}
	return found
}

// built returns a program that test/terraform/run has built.
func built(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("TIDEGATE_BUILD")
	if dir == "" {
		t.Fatal("TIDEGATE_BUILD is not set: call test/terraform/run")
	}
	return filepath.Join(dir, name)
}

// with returns the environment in which an engine uses our provider.
func with(t *testing.T, provider string) []string {
	t.Helper()
	config := filepath.Join(t.TempDir(), "cli.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides { %q = %q }\n}\ndisable_checkpoint = true\n", "hashicorp/azurerm", filepath.Dir(provider))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
}

// run runs an engine on the module, and returns its output.
func run(ctx context.Context, env []string, engine string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, engine, append([]string{"-chdir=" + module}, args...)...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.String(), err
}

// The module is formatted, the provider has what it uses, and its tests pass, with either
// engine. The configuration of each node in these tests is one that Tidegate accepts.
func TestModule(t *testing.T) {
	env := with(t, built(t, "terraform-provider-azurerm"))
	tidegate := built(t, "tidegate")
	for name, engine := range engines(t) {
		t.Run(name, func(t *testing.T) {
			if out, err := run(t.Context(), env, engine, "fmt", "-check", "-diff", "-recursive"); err != nil {
				t.Error(out, err)
			}
			if _, err := run(t.Context(), env, engine, "validate", "-no-color"); err != nil {
				t.Fatal(err)
			}
			out, err := run(t.Context(), env, engine, "test", "-json", "-verbose")
			if err != nil {
				t.Fatal(messages(out), err)
			}
			nodes := customData(t, out)
			for _, want := range []string{"least", "everything", "existing_account"} {
				if nodes[want] == "" {
					t.Errorf("the run %s has no node, only %v", want, slices.Collect(keys(nodes)))
				}
			}
			for run, data := range nodes {
				t.Run(run, func(t *testing.T) { checkNode(t, tidegate, data) })
			}
		})
	}
}

// keys returns the keys of a map.
func keys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// made is what a run has made.
type made struct {
	Resources []struct {
		Type   string
		Values struct {
			CustomData string `json:"custom_data"`
		}
	}
}

// line is a line of `test -json`.
type line struct {
	Level      string `json:"@level"`
	Message    string `json:"@message"`
	Run        string `json:"@testrun"`
	Diagnostic struct{ Summary, Detail string }
	// Terraform has the resources at the top, OpenTofu below values.
	State struct {
		Root   made `json:"root_module"`
		Values struct {
			Root made `json:"root_module"`
		}
	} `json:"test_state"`
}

func lines(out string) []line {
	var all []line
	for text := range strings.Lines(out) {
		var l line
		if json.Unmarshal([]byte(text), &l) == nil {
			all = append(all, l)
		}
	}
	return all
}

// messages returns what a failed test says, for people.
func messages(out string) string {
	var b strings.Builder
	for _, l := range lines(out) {
		if l.Level == "error" || strings.Contains(l.Message, "fail") {
			fmt.Fprintln(&b, l.Run, l.Message, l.Diagnostic.Detail)
		}
	}
	return b.String()
}

// customData returns the custom_data of the scale set of each run that made one.
func customData(t *testing.T, out string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, l := range lines(out) {
		for _, r := range append(l.State.Root.Resources, l.State.Values.Root.Resources...) {
			if r.Type == "azurerm_linux_virtual_machine_scale_set" {
				found[l.Run] = r.Values.CustomData
			}
		}
	}
	return found
}

// cloudConfig is what a node's cloud-init reads.
type cloudConfig struct {
	WriteFiles []struct{ Path, Owner, Permissions, Content string } `yaml:"write_files"`
	RunCmd     [][]string                                           `yaml:"runcmd"`
}

// decode unpacks custom_data as cloud-init does.
func decode(t *testing.T, data string) cloudConfig {
	t.Helper()
	packed, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(text, []byte("#cloud-config\n")) {
		t.Fatalf("this is not for cloud-init: %.40q", text)
	}
	var c cloudConfig
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// checkNode puts the files of a node into a directory, with new secrets, and has Tidegate
// check the configuration.
func checkNode(t *testing.T, tidegate, data string) {
	c := decode(t, data)
	if len(c.RunCmd) != 1 || strings.Join(c.RunCmd[0], " ") != "/usr/local/sbin/tidegate-azure install" {
		t.Errorf("the first boot runs %q", c.RunCmd)
	}
	root := t.TempDir()
	modes := map[string]string{}
	for _, f := range c.WriteFiles {
		if f.Owner != "root:root" || !filepath.IsAbs(f.Path) {
			t.Errorf("%s belongs to %s", f.Path, f.Owner)
		}
		modes[f.Path] = f.Permissions
		path := filepath.Join(root, f.Path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		// The secrets of the test are elsewhere.
		text := strings.ReplaceAll(f.Content, "/etc/tidegate/secrets", root+"/etc/tidegate/secrets")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for path, mode := range map[string]string{
		"/etc/tidegate/azure.hcl": "0640", "/etc/tidegate/tenants.hcl": "0640", "/etc/tidegate-azure.json": "0600",
		"/usr/local/sbin/tidegate-azure": "0755", "/etc/systemd/system/tidegate.service.d/azure.conf": "0644",
		"/etc/systemd/system/tidegate-secrets.service": "0644", "/etc/systemd/system/tidegate-secrets.timer": "0644",
	} {
		if modes[path] != mode {
			t.Errorf("%s has the permissions %q, want %s", path, modes[path], mode)
		}
	}
	var s setup
	readJSON(t, filepath.Join(root, "etc/tidegate-azure.json"), &s)
	for _, path := range s.Configuration {
		if modes[path] == "" {
			t.Errorf("the node is to make %s readable, which it does not have", path)
		}
	}
	if s.Vault != "https://contoso-ftp.vault.azure.net" || s.ClientID != "11111111-2222-3333-4444-555555555555" ||
		len(s.Package.SHA256) != 64 || !strings.HasPrefix(s.Package.URL, "https://") {
		t.Errorf("the node gets %+v", s)
	}
	variables := writeSecrets(t, s)
	cmd := exec.CommandContext(t.Context(), tidegate, "check", "-env-file", variables, filepath.Join(root, "etc/tidegate"))
	if out, err := cmd.CombinedOutput(); err != nil || bytes.Contains(out, []byte("Warning")) {
		text, _ := os.ReadFile(filepath.Join(root, "etc/tidegate/azure.hcl"))
		t.Errorf("%v: %s\n%s", err, out, text)
	}
}

// setup is what tidegate-azure reads.
type setup struct {
	ClientID      string            `json:"client_id"`
	Vault         string            `json:"vault"`
	Certificate   string            `json:"certificate"`
	HostKeys      []string          `json:"host_keys"`
	Variables     map[string]string `json:"variables"`
	Directory     string            `json:"directory"`
	Group         string            `json:"group"`
	Configuration []string          `json:"configuration"`
	Package       struct {
		URL          string `json:"url"`
		SHA256       string `json:"sha256"`
		WithIdentity bool   `json:"with_identity"`
	} `json:"package"`
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(errors.Join(err, fmt.Errorf("in %s", path)))
	}
}
