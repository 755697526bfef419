package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// clientsPage has the snippets that TestClientsPage runs, and their configuration.
const clientsPage = "../../docs/clients.md"

// pageHost is the name of the gateway in clientsPage.
const pageHost = "ftp.contoso.example"

// TestClientsPage runs the snippets of docs/clients.md as they are written, against the
// configuration of the page. Each stores picture.jpg under this name. A block "console" has
// commands and what each of them prints.
//
// Gateway and snippets have a network and a few files of /etc of their own, so that the
// ports, the name and the authority of the page are real.
func TestClientsPage(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and the clients")
	}
	if os.Getuid() != 0 {
		t.Skip("needs root, for namespaces")
	}
	wantPrograms(t, "unshare", "nsenter", "ip", "openssl", "keytool", "java", "node", "php", "/usr/bin/python3", "curl", "lftp", "sftp", "tnftp", "rclone")
	blocks := blocksOf(t, clientsPage)
	h := newPageHost(t, blocks)
	ran := map[string]int{}
	for i, b := range blocks {
		if b.language == "console" {
			t.Run(fmt.Sprintf("%s %d", b.section, i), func(t *testing.T) { h.converse(t, b) })
		} else if run := h.runner(b); run != nil {
			t.Run(fmt.Sprintf("%s %d", b.section, i), func(t *testing.T) { h.upload(t, b, run) })
		} else {
			continue
		}
		ran[b.language]++
	}
	for _, language := range []string{"sh", "console", "java", "python", "php", "js"} {
		if ran[language] == 0 {
			t.Errorf("%s has no block of %s", clientsPage, language)
		}
	}
}

func wantPrograms(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed; make test installs it", name)
		}
	}
}

// block is what a page has between two fences.
type block struct{ section, language, text string }

// blocksOf returns the blocks of a page, each with the heading that it stands under.
func blocksOf(t *testing.T, page string) (blocks []block) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	section := ""
	for _, m := range regexp.MustCompile("(?ms)^## ([^\n]*)\n|^```(\\S*)\n(.*?)^```\n").FindAllStringSubmatch(string(text), -1) {
		if m[1] != "" {
			section = m[1]
			continue
		}
		blocks = append(blocks, block{section, m[2], m[3]})
	}
	return blocks
}

// pageGateway is the gateway of the page, and what its clients have.
type pageGateway struct {
	*launch.Process
	// home has the known host keys, keys the files of the user's key, files is the store, and
	// trust the Java key store with the authority of the certificate.
	home, keys, files, trust string
}

// newPageHost serves the first configuration of the page, over a directory.
func newPageHost(t *testing.T, blocks []block) *pageGateway {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	g := &pageGateway{home: file("home"), keys: file("keys"), files: file("files"), trust: file("trust.jks")}
	for _, name := range []string{"home/.ssh", "keys", "files", "ssh", "certs"} {
		if err := os.MkdirAll(file(name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cert, key := writeCertificate(t, dir, pageHost)
	writeKeyPair(t, "ed25519", filepath.Join(g.keys, "camera-01.key"))
	public, err := os.ReadFile(filepath.Join(g.keys, "camera-01.key.pub"))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(g.keys, "camera-01.pub"), string(public))
	known := ""
	for _, kind := range []string{"ed25519", "ecdsa"} {
		known += pageHost + " " + writeKeyPair(t, kind, file("ssh_host_"+kind+"_key")) + "\n"
	}
	writeFile(t, filepath.Join(g.home, ".ssh/known_hosts"), known)
	writeFile(t, file("ssh/ssh_known_hosts"), known)
	writeFile(t, file("hosts"), "127.0.0.1 localhost "+pageHost+"\n")
	pem, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file("certs/ca-certificates.crt"), string(pem))
	writeFile(t, file("certs/ca.pem"), string(pem))
	for _, args := range [][]string{
		{"openssl", "rehash", file("certs")},
		{"keytool", "-importcert", "-noprompt", "-file", cert, "-keystore", g.trust, "-storepass", "changeit"},
	} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
	}
	if len(blocks) == 0 || blocks[0].language != "hcl" {
		t.Fatalf("%s does not begin with a configuration", clientsPage)
	}
	store := regexp.MustCompile(`(?s)^backend "azblob" "ingest" .*?\n}\n`).FindString(blocks[0].text)
	if store == "" {
		t.Fatalf("%s has no backend azblob.ingest", clientsPage)
	}
	config := strings.NewReplacer(
		store, fmt.Sprintf("backend \"local\" \"ingest\" {\n  root = %q\n}\n", g.files), "backend.azblob.ingest", "backend.local.ingest",
		"/etc/tidegate/tls.crt", cert, "/etc/tidegate/tls.key", key, "/etc/tidegate/ssh_host", file("ssh_host"),
		`"camera-01.pub"`, strconv.Quote(filepath.Join(g.keys, "camera-01.pub")),
	).Replace(blocks[0].text)
	writeFile(t, file("tidegate.hcl"), config)

	serve := launch.Command(t, "serve", file("tidegate.hcl"))
	const site = `ip link set lo up
mount --bind "$1" /etc/hosts
mount --bind "$2" /etc/ssl/certs
mount --bind "$3" /etc/ssh
shift 3
exec "$@"`
	cmd := exec.CommandContext(t.Context(), "unshare", append([]string{
		"--net", "--mount", "sh", "-euc", site, "sh", file("hosts"), file("certs"), file("ssh"),
	}, serve.Args...)...)
	cmd.Dir, cmd.Env = serve.Dir, append(serve.Env, "CAMERA_01_HASH="+launch.Hash(t, examplePassword))
	g.Process = launch.Start(t, cmd)
	g.Find("ready", func(line string) bool { return strings.Contains(line, `"event":"ready"`) })
	return g
}

// runner returns how a block is run, nil for one that is not a program.
func (g *pageGateway) runner(b block) []string {
	switch b.language {
	case "sh":
		return []string{"sh", "-eu"}
	case "python":
		return []string{"/usr/bin/python3"}
	case "php", "js", "java":
		return []string{map[string]string{"php": "php", "js": "node", "java": "java"}[b.language]}
	default:
		return nil
	}
}

// command returns a program that runs beside the gateway.
func (g *pageGateway) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	node := func(of string) string {
		path, err := filepath.Abs(filepath.Join("testdata", of, "node_modules"))
		if err != nil {
			panic(err)
		}
		return path
	}
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{
		"--target", strconv.Itoa(g.PID()), "--net", "--mount", "--wd=" + dir, "--",
	}, args...)...)
	cmd.Env = append(os.Environ(), "HOME="+g.home, "PASSWORD="+examplePassword, "LC_ALL=C.UTF-8", "PYTHONWARNINGS=ignore",
		"NODE_PATH="+node("basic-ftp")+":"+node("ssh2"), "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca.pem",
		"CLASSPATH=/usr/share/java/commons-net.jar:/usr/share/java/jsch.jar",
		"JDK_JAVA_OPTIONS="+javaOptions+" -Djavax.net.ssl.trustStore="+g.trust+" -Djavax.net.ssl.trustStorePassword=changeit")
	return cmd
}

// directory returns an empty store, and a directory with a picture and the user's key.
func (g *pageGateway) directory(t *testing.T) (dir, picture string) {
	t.Helper()
	dir, picture = t.TempDir(), "a picture of "+t.Name()
	stored, err := filepath.Glob(filepath.Join(g.files, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stored {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"camera-01.key", "camera-01.pub"} {
		text, err := os.ReadFile(filepath.Join(g.keys, name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), string(text))
	}
	writeFile(t, filepath.Join(dir, "picture.jpg"), picture)
	return dir, picture
}

// upload runs a block, which uploads picture.jpg.
func (g *pageGateway) upload(t *testing.T, b block, run []string) {
	dir, picture := g.directory(t)
	name := "Upload." + b.language // Java wants the name of the class
	writeFile(t, filepath.Join(dir, name), b.text)
	ctx, cancel := context.WithTimeout(t.Context(), patience.Limit())
	defer cancel()
	if out, err := g.command(ctx, dir, append(run, name)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, b.text, out)
	}
	if got, err := os.ReadFile(filepath.Join(g.files, "picture.jpg")); err != nil || string(got) != picture {
		t.Errorf("the store holds %q, %v\n%s", got, err, b.text)
	}
}

// converse runs the commands of a block, each of which prints the lines below it.
func (g *pageGateway) converse(t *testing.T, b block) {
	dir, _ := g.directory(t)
	for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
		command, lines, _ := strings.Cut(part, "\n")
		ctx, cancel := context.WithTimeout(t.Context(), patience.Limit())
		out, _ := g.command(ctx, dir, "sh", "-c", command).CombinedOutput() // what it prints counts
		cancel()
		shown := strings.Split(strings.TrimSpace(lines), "\n")
		for _, line := range shown {
			if line == "" || !strings.Contains(string(out), line) {
				t.Errorf("%s\nprinted %q\nand not %q", command, out, line)
			}
		}
	}
}
