package clients

import (
	"bytes"
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"text/template"
	"time"

	"github.com/tidegate/tidegate/test/launch"
)

// TestFileZilla uses FileZilla on a virtual screen as people do: it opens a site, selects
// everything on one side and sends it to the other side. It sends a folder with folders and
// several files at a time, of which one is already there in part, and then replaces files.
func TestFileZilla(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the built program and FileZilla")
	}
	client{name: "filezilla", needs: []string{"filezilla", "Xvfb", "xdotool", "psftp"}}.wantInstalled(t)
	// Not beside the scripts, which run at once: FileZilla has shorter time limits than
	// they have.
	var sites []site
	for _, s := range []site{{client: client{protocol: overFTP}}, {client: client{protocol: overFTP}, tls: true}, {client: client{protocol: overSFTP}}} {
		s.user = "filezilla-" + s.name()
		sites = append(sites, s)
	}
	g := serve(t, stubStore(t), []string{sites[0].user, sites[1].user, sites[2].user}, false)
	t.Run("modes", func(t *testing.T) {
		for _, s := range sites {
			s.gateway = g
			t.Run(s.name(), func(t *testing.T) {
				t.Parallel()
				g.showLogOf(t, s.user)
				testFileZilla(newFileZilla(t, s))
			})
		}
	})
	g.wantNoComplaints(t)
}

// name is that of the site's protocol and mode.
func (s site) name() string {
	if s.client.protocol == overSFTP {
		return "sftp"
	}
	return modeOf(s.tls)
}

// resumed is the command that shows that an upload was resumed, and that a download was.
func (z fileZilla) resumed() (up, down string) {
	if z.client.protocol == overSFTP {
		return "reput ", "reget "
	}
	return fmt.Sprintf("REST %d", uploaded), fmt.Sprintf("REST %d", loaded)
}

const (
	uploaded = 1_234_567
	loaded   = 2_345_678
)

func testFileZilla(z fileZilla) {
	t, st, user := z.t, z.store, z.user
	resumedUp, resumedDown := z.resumed()
	const inPart = "tree/large.bin"
	files := map[string][]byte{inPart: pseudoRandom(user, 5_000_000)}
	for i := range 40 {
		name := fmt.Sprintf("tree/dir %d/Grüße %d.bin", i%3, i)
		files[name] = pseudoRandom(user+name, 100*i*i)
	}

	// What broke before: half of an upload, and half of a download.
	up, down := t.TempDir(), t.TempDir()
	for name, content := range files {
		z.writeFile(filepath.Join(up, name), content)
	}
	if err := st.write(user+"/box/"+inPart, files[inPart][:uploaded]); err != nil {
		t.Fatal(err)
	}
	z.writeFile(filepath.Join(down, inPart), files[inPart][:loaded])

	// FileZilla sends this with TYPE A, with ends of line that depend on its version, but
	// reads CR LF as LF on the way back.
	const text = "tree/read me.txt"
	lines := []byte("one line\nanother\n")
	z.writeFile(filepath.Join(up, text), lines)
	if z.client.protocol == overSFTP {
		files[text] = lines
	}

	wantStored := func() {
		t.Helper()
		for name, want := range files {
			got, found, err := st.read(user + "/box/" + name)
			if err != nil || !found || !bytes.Equal(got, want) {
				t.Errorf("the store holds %d bytes as %s, want %d; they differ %s (found %t, %v)",
					len(got), name, len(want), firstDifference(got, want), found, err)
			}
		}
	}
	z.configure(whenThereResume)
	z.send(up, localList, "upload", resumedUp)
	wantStored()

	files[text] = lines
	z.send(down, remoteList, "download", resumedDown)
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(down, name))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s came back with %d bytes, want %d; they differ %s (%v)",
				name, len(got), len(want), firstDifference(got, want), err)
		}
	}
	if n := countFiles(t, down); n != len(files) {
		t.Errorf("%d files came back, want %d", n, len(files))
	}

	// Longer and shorter files replace them.
	delete(files, text)
	again := t.TempDir()
	for i, name := range []string{"tree/dir 1/Grüße 10.bin", "tree/dir 1/Grüße 13.bin"} {
		files[name] = pseudoRandom(user+" again", 20_000*i)
		z.writeFile(filepath.Join(again, name), files[name])
	}
	z.configure(whenThereReplace)
	z.send(again, localList, "upload", "")
	wantStored()
}

// fileZilla is FileZilla with a screen and a home of its own, that knows a server.
type fileZilla struct {
	site
	t       *testing.T
	display string
	home    string
	// settings are the values in the templates of its settings.
	settings map[string]any
}

// FileZilla's numbers for what it does with a file that is there.
const (
	whenThereReplace = 1
	whenThereResume  = 5
)

// list is where one of the lists of files is on the screen, below what it holds.
type list [2]string

var (
	localList  = list{"250", "600"}
	remoteList = list{"750", "600"}
)

func newFileZilla(t *testing.T, s site) fileZilla {
	t.Helper()
	// It looks for a display that is free, and says which.
	x := launch.Start(t, exec.Command("Xvfb", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset"))
	t.Cleanup(x.Stop)
	number := regexp.MustCompile(`^\d+$`)
	z := fileZilla{site: s, t: t, display: ":" + x.Find("the number of the display", number.MatchString), home: t.TempDir()}

	host, port := s.hostPort(s.client.protocol)
	z.settings = map[string]any{
		"Host":     host,
		"Port":     port,
		"User":     s.user,
		"Password": base64.StdEncoding.EncodeToString([]byte(password)),
		"TLS":      s.tls,
		"SFTP":     s.client.protocol == overSFTP,
	}
	if s.tls {
		z.settings["Certificate"] = readCertificate(t, s.certificate)
	}
	if s.client.protocol == overSFTP {
		z.trustHost(host, port)
	}
	return z
}

// configure writes its settings.
func (z fileZilla) configure(whenThere int) {
	z.t.Helper()
	settings, err := template.ParseGlob(filepath.Join("testdata", "filezilla", "*.xml"))
	if err != nil {
		z.t.Fatal(err)
	}
	z.settings["WhenThere"] = whenThere
	for _, file := range settings.Templates() {
		var b bytes.Buffer
		if err := file.Execute(&b, z.settings); err != nil {
			z.t.Fatal(err)
		}
		z.writeFile(filepath.Join(z.home, ".config", "filezilla", file.Name()), b.Bytes())
	}
}

// command returns a command that sees the screen and the home, and nothing of the
// desktop that the test may run on.
func (z fileZilla) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = z.home
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + z.home,
		"DISPLAY=" + z.display,
		"GDK_BACKEND=x11",
		"LC_ALL=C.UTF-8",
		"NO_AT_BRIDGE=1",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(z.home, "no-bus"),
	}
	return cmd
}

// trustHost has FileZilla know the host, as it does after its first visit. Its
// part that speaks SFTP is PuTTY's, and so psftp can write down the key for it.
func (z fileZilla) trustHost(host, port string) {
	z.t.Helper()
	cmd := z.command("psftp", "-P", port, "-l", z.user, "-pw", password, host)
	cmd.Stdin = strings.NewReader("y\nquit\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		z.t.Fatalf("psftp: %v\n%s", err, out)
	}
}

// send opens the server's folder "box" and a local folder, and sends everything from one of
// them to the other. way is FileZilla's word for the direction. resumed is the command that
// shows that a transfer was resumed, if one must be. FileZilla ends when all files are sent,
// and must log no error.
func (z fileZilla) send(local string, from list, way, resumed string) {
	z.t.Helper()
	started := "Status: Starting " + way + " of "
	p, err := z.begin(local, from, started)
	// FileZilla 3.63 has once read from address 0, in its own library, just after the first keys.
	// Nothing had been sent then.
	for range 2 {
		if !isCrash(err) {
			break
		}
		z.t.Logf("FileZilla has crashed before its first transfer, and is started again: %v", p)
		p, err = z.begin(local, from, started)
	}
	if err != nil {
		z.t.Fatalf("FileZilla has not begun, and ended: %v: %v", err, p)
	}
	if err := p.Wait(); err != nil {
		z.t.Errorf("FileZilla: %v", err)
	}

	log := p.Lines(func(string) bool { return true })
	if n, files := atOnce(log, started); n < 2 && files > fewFiles {
		z.t.Errorf("not more than %d of %d transfers at once", n, files)
	}
	if resumed != "" && !strings.Contains(strings.Join(log, "\n"), "Command: "+resumed) {
		z.t.Errorf("nothing was resumed with %s", resumed)
	}
	// Over SFTP it goes to a directory to find out whether it has to make it.
	missing := regexp.MustCompile(`Error: Directory /box/.*: no such file or directory$`)
	for _, line := range log {
		if strings.Contains(line, " Error: ") && !missing.MatchString(line) {
			z.t.Errorf("FileZilla complains: %s", line)
		}
	}
	if z.t.Failed() {
		z.t.Logf("FileZilla's log:\n%s", strings.Join(log, "\n"))
	}
}

// errNotBegun is the error of a FileZilla that has ended with status 0 without a transfer.
var errNotBegun = errors.New("it ended without an error")

// begin starts FileZilla, and presses keys until it has begun a transfer, whose lines begin with
// started. The error is that of its end before that.
func (z fileZilla) begin(local string, from list, started string) (*launch.Process, error) {
	z.t.Helper()
	p := launch.Start(z.t, z.command("filezilla", "--site=0/server", "--local="+local))
	p.Find("a list of the files", func(line string) bool {
		return strings.Contains(line, `Status: Directory listing of "/box" successful`)
	})
	ctx, cancel := context.WithCancel(z.t.Context())
	pressed := make(chan struct{})
	go func() {
		defer close(pressed)
		z.press(ctx, from)
	}()
	begun := p.Await("a transfer", func(lines []string) bool {
		return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, started) })
	})
	cancel()
	<-pressed
	if begun {
		return p, nil
	}
	return p, cmp.Or(p.Wait(), errNotBegun)
}

// isCrash reports whether a program has ended by a fault of its memory.
func isCrash(err error) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	if !ok {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGSEGV
}

// press selects everything in a list and sends it, with mouse and keys, again and again
// until ctx ends: no event shows that the window lists what the log reports. To press too
// often does no harm, because files that were sent leave nothing to resume.
func (z fileZilla) press(ctx context.Context, in list) {
	again := time.NewTicker(5 * time.Second)
	defer again.Stop()
	for {
		// FileZilla's own keys: with Alt, the arrow down sends what is marked.
		out, err := z.command("xdotool", "mousemove", in[0], in[1], "click", "1", "key", "ctrl+a", "key", "alt+Down").CombinedOutput()
		if err != nil {
			z.t.Errorf("xdotool: %v\n%s", err, out)
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}

// atOnce returns how many transfers FileZilla ran at once at most, and how many it
// started. A line of its log has the date, the time, the process, the connection and
// the message.
func atOnce(log []string, started string) (most, files int) {
	under := map[string]bool{}
	for _, line := range log {
		fields := strings.SplitN(line, " ", 5)
		if len(fields) < 5 {
			continue
		}
		switch connection, message := fields[3], fields[4]; {
		case strings.HasPrefix(message, started):
			under[connection] = true
			files++
		case strings.HasPrefix(message, "Status: File transfer successful"):
			delete(under, connection)
		}
		most = max(most, len(under))
	}
	return most, files
}

// fewFiles may go one after the other: the first is over before the second begins.
const fewFiles = 5

func (z fileZilla) writeFile(name string, content []byte) {
	z.t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		z.t.Fatal(err)
	}
	if err := os.WriteFile(name, content, 0o600); err != nil {
		z.t.Fatal(err)
	}
}

func countFiles(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	if err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func readCertificate(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatalf("%s holds no certificate", file)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// Only a program that a fault of its memory ends has crashed.
func TestIsCrash(t *testing.T) {
	for script, want := range map[string]bool{"kill -SEGV $$": true, "kill -TERM $$": false, "exit 139": false, "exit 0": false} {
		if got := isCrash(exec.CommandContext(t.Context(), "sh", "-c", script).Run()); got != want {
			t.Errorf("%s: %t", script, got)
		}
	}
}
