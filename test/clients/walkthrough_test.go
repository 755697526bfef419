package clients

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/test/launch"
)

// examplePassword is that of the hashes in README.md and the examples.
const examplePassword = "correct-horse"

// walkthrough runs the commands of a document, one after the other. In the commands and in the
// configuration it replaces what a test cannot use, such as ports.
type walkthrough struct {
	t      *testing.T
	dir    string   // where the commands run
	config string   // the configuration's name in dir
	text   string   // the configuration as it is written
	env    []string // beside the test's
	// replaced are pairs of old and new text.
	replaced []string
}

func newWalkthrough(t *testing.T, config, text string) *walkthrough {
	t.Helper()
	built := launch.Command(t, "version").Path
	if filepath.Base(built) != "tidegate" {
		t.Fatalf("the program is called %s", built)
	}
	return &walkthrough{
		t: t, dir: t.TempDir(), config: config, text: text,
		env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "PATH="+filepath.Dir(built)+":"+os.Getenv("PATH")),
	}
}

func (w *walkthrough) replace(old, to string) { w.replaced = append(w.replaced, old, to) }

// must replaces what has to be there.
func (w *walkthrough) must(old, to string) {
	w.t.Helper()
	if !strings.Contains(w.text, old) {
		w.t.Fatalf("%s does not hold %q any more, which the test replaces", w.config, old)
	}
	w.replace(old, to)
}

func (w *walkthrough) file(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// command returns a line as a process without a terminal: what it asks for it
// reads from its standard input.
func (w *walkthrough) command(line, stdin string) *exec.Cmd {
	w.t.Helper()
	r := strings.NewReplacer(w.replaced...)
	w.file(w.config, r.Replace(w.text))
	cmd := exec.CommandContext(w.t.Context(), "sh", "-c", "exec "+r.Replace(line))
	cmd.Dir, cmd.Env, cmd.Stdin = w.dir, w.env, strings.NewReader(stdin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return cmd
}

// run runs a command to its end, which must be success.
func (w *walkthrough) run(line, stdin string) string {
	w.t.Helper()
	out, err := w.command(line, stdin).CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", line, err, out)
	}
	return string(out)
}

// start starts a command that does not end by itself. npx has children, which end
// with it: all of them are one process group.
func (w *walkthrough) start(cmd *exec.Cmd) *launch.Process {
	w.t.Helper()
	p := launch.Start(w.t, cmd)
	w.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	return p
}

// serve starts a command that serves, and replaces the address in control, as it is
// written in the document's commands, by the one it listens on.
func (w *walkthrough) serve(line, control string) *launch.Process {
	w.t.Helper()
	p := w.start(w.command(line, ""))
	found := p.Find("its address", listening.MatchString)
	w.replace(control, listening.FindStringSubmatch(found)[1])
	return p
}

// listening finds the control port's address in both formats of the log.
var listening = regexp.MustCompile(`listening.*ftp\.[a-z]+.*\baddr"?[=:]"?([0-9.:]+)`)

// TestReadme follows README.md from the configuration to the blob that it promises. Only the host,
// the ports, the certificate and the store are different.
func TestReadme(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program, Azurite and curl")
	}
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(readme), "## Serving a container")
	block := func(language string) string {
		m := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindStringSubmatch(section)
		if m == nil {
			t.Fatalf("no block of %s", language)
		}
		return m[1]
	}
	promised := regexp.MustCompile("is now the blob `(.*)`").FindStringSubmatch(section)
	if promised == nil {
		t.Fatal("README.md promises no blob")
	}
	st := azuriteStore(t).(azureContainer)
	w := newWalkthrough(t, "tidegate.hcl", block("hcl"))
	cert, key := writeCertificate(t, t.TempDir())
	w.env = append(w.env, "CURL_CA_BUNDLE="+cert)
	backend := regexp.MustCompile(`(?s)^backend .*?\n}\n`).FindString(w.text)
	ingest := st.block()
	ingest.Name = "ingest"
	text, err := ingest.Text()
	if err != nil {
		t.Fatal(err)
	}
	w.must(backend, text)
	w.must(`listen = "0.0.0.0:21"`, `listen = "127.0.0.1:0"`)
	w.must(`listen = "0.0.0.0:30000"`, `listen = "127.0.0.1:0"`)
	w.must(`host   = "ftp.contoso.example"`, `host = "127.0.0.1"`)
	w.must("/etc/tidegate/tls.crt", cert)
	w.must("/etc/tidegate/tls.key", key)
	w.file("picture.jpg", "a picture")

	ran := 0
	for line := range strings.Lines(block("sh")) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "  #")
		ran++
		switch {
		case strings.HasPrefix(line, "tidegate serve"):
			server := w.serve(line, "ftp.contoso.example")
			defer server.Stop()
		case strings.HasPrefix(line, "tidegate check"):
			if out := w.run(line, ""); strings.Contains(out, "warning") {
				t.Errorf("%s warns of its own example:\n%s", line, out)
			}
		default:
			w.run(line, examplePassword+"\n")
		}
	}
	if ran != 4 {
		t.Errorf("%d commands, want hash-password, check, serve and curl", ran)
	}
	if content, found, err := st.read(promised[1]); !found || err != nil || string(content) != "a picture" {
		t.Errorf("the blob %s: %q, %v, %v", promised[1], content, found, err)
	}
	// What legacy uploaders do: again, and under another name first.
	for _, more := range []string{
		"curl --ssl-reqd -T picture.jpg --user camera-01 ftp://ftp.contoso.example/",
		"curl --ssl-reqd -T picture.jpg --user camera-01 ftp://ftp.contoso.example/picture.part -Q '-RNFR picture.part' -Q '-RNTO picture.jpg'",
		"curl --ssl-reqd -T picture.jpg --user camera-01 --ftp-create-dirs ftp://ftp.contoso.example/2026/11/",
	} {
		w.run(more, examplePassword+"\n")
	}
}

// exampleCommands returns the commands in the comment at the top of an example.
func exampleCommands(t *testing.T, name string) (text string, commands []string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../deploy/examples", name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "#") {
			break
		}
		if command, ok := strings.CutPrefix(line, "#   "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
	}
	return string(b), commands
}

// TestAzuriteExample runs the commands of azurite.hcl. npx runs in the directory
// that holds the Azurite of the tests, where it finds the package without the net.
func TestAzuriteExample(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program, Azurite and curl")
	}
	t.Parallel()
	installed := azurite.Shared(t)
	text, commands := exampleCommands(t, "azurite.hcl")
	if len(commands) != 4 {
		t.Fatalf("commands: %q", commands)
	}
	w := newWalkthrough(t, "azurite.hcl", text)
	w.must(`"127.0.0.1:2121"`, `"127.0.0.1:0"`)
	w.must(`"127.0.0.1:2122-2129"`, `"127.0.0.1:0"`)
	w.file("FILE", "content")

	npx := w.command(commands[0]+" --blobPort 0", "")
	npx.Dir, npx.Env = "../azurite", append(npx.Env, "npm_config_offline=true")
	emulator := w.start(npx)
	const listens = "successfully listens on http://"
	line := emulator.Find("its address", func(line string) bool { return strings.Contains(line, listens) })
	_, address, _ := strings.Cut(line, listens)
	w.must("127.0.0.1:10000", address)
	w.run(commands[1], "")
	w.serve(commands[2], "127.0.0.1:2121")
	w.run(commands[3], "")

	client, err := azblob.NewClientFromConnectionString(strings.Replace(installed.ConnectionString(), installed.Endpoint, "http://"+address+"/"+installed.Account, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	st := azureContainer{ctx: t.Context(), client: client, container: "ingest"}
	if content, found, err := st.read("FILE"); !found || err != nil || string(content) != "content" {
		t.Errorf("the blob: %q, %v, %v", content, found, err)
	}
}

// TestMinimalExample runs the commands of minimal.hcl.
func TestMinimalExample(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and curl")
	}
	t.Parallel()
	text, commands := exampleCommands(t, "minimal.hcl")
	w := newWalkthrough(t, "minimal.hcl", text)
	w.must(`"127.0.0.1:2121"`, `"127.0.0.1:0"`)
	w.must(`"127.0.0.1:2122"`, `"127.0.0.1:0"`)
	w.file("FILE", "content")
	for _, line := range commands {
		if strings.HasPrefix(line, "tidegate serve") {
			w.serve(line, "127.0.0.1:2121")
			continue
		}
		w.run(line, "")
	}
	if got, err := os.ReadFile(filepath.Join(w.dir, "files", "FILE")); err != nil || string(got) != "content" {
		t.Errorf("the directory holds %q, %v", got, err)
	}
}

// TestDropBoxExample runs the commands of drop-box.hcl, and what a drop box refuses.
func TestDropBoxExample(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and curl")
	}
	t.Parallel()
	text, commands := exampleCommands(t, "drop-box.hcl")
	if len(commands) != 2 {
		t.Fatalf("commands: %q", commands)
	}
	w := newWalkthrough(t, "drop-box.hcl", text)
	cert, key := writeCertificate(t, t.TempDir())
	w.env = append(w.env, "CURL_CA_BUNDLE="+cert)
	files := t.TempDir()
	w.must(regexp.MustCompile(`(?s)\nbackend .*?\n}\n`).FindString(text), "\nbackend \"local\" \"ingest\" {\n  root = \""+files+"\"\n}\n")
	w.must("backend.azblob.ingest", "backend.local.ingest")
	w.must(`listen = "0.0.0.0:21"`, `listen = "127.0.0.1:0"`)
	w.must(`listen = "0.0.0.0:30000"`, `listen = "127.0.0.1:0"`)
	w.must(`host   = "ftp.contoso.example"`, `host = "127.0.0.1"`)
	w.must("/etc/tidegate/tls.crt", cert)
	w.must("/etc/tidegate/tls.key", key)
	w.file("FILE", "content")
	server := w.serve("tidegate serve drop-box.hcl", "ftp.contoso.example")
	defer server.Stop()
	for _, line := range commands {
		w.run(line, examplePassword+"\n")
	}
	for _, refused := range []string{
		commands[0], commands[1],
		"curl --ssl-reqd --user supplier ftp://ftp.contoso.example/FILE",
		"curl --ssl-reqd --user supplier ftp://ftp.contoso.example/",
		"curl --ssl-reqd -T FILE --append --user supplier ftp://ftp.contoso.example/",
		"curl --ssl-reqd --user supplier ftp://ftp.contoso.example/ --head -Q 'DELE FILE'",
	} {
		if out, err := w.command(refused, examplePassword+"\n").CombinedOutput(); err == nil {
			t.Errorf("%s: must be refused\n%s", refused, out)
		}
	}
	// The second rename was refused, so its file is still under the temporary name.
	for name, want := range map[string]string{"FILE": "content", "FILE2": "content", "FILE2.part": "content"} {
		if got, err := os.ReadFile(filepath.Join(files, "contoso", name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
}
