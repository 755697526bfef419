package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// The commands for operators, over the unix socket of a running process: they show sessions
// and what these do over both protocols, end them with their uploads, reload and drain.
func TestOperate(t *testing.T) {
	dir := t.TempDir()
	hostKey, config := filepath.Join(dir, "host.key"), filepath.Join(dir, "tidegate.hcl")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	short, err := os.MkdirTemp("", "tidegate") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	hash, err := bcrypt.GenerateFromPassword([]byte("correct-horse"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	at := "unix:" + filepath.Join(short, "s")
	text := func(more string) string {
		return fmt.Sprintf(`
			node { name = "node-1" }
			frontend "status" "operators" { listen = %[1]q }
			backend "memory" "a" {}
			frontend "ftp" "public" {
			  listen = "127.0.0.1:0"
			  passive { listen = "127.0.0.1:0" }
			}
			frontend "sftp" "public" {
			  listen         = "127.0.0.1:0"
			  host_key_files = [%[2]q]
			}
			tenant "contoso" {
			  mount "/" { backend = backend.memory.a }
			  user "camera" { password_hash = %[3]q }
			  user "reader" {
			    password_hash = %[3]q
			    allow         = ["list", "read"]
			  }
			  %[4]s
			}
			reload { watch = "off" }
		`, at, hostKey, hash, more)
	}
	write(t, config, text(""))
	i := start(t, "serve", config)
	i.stderr.find(t, `"msg":"ready"`)
	log, _, _ := i.stderr.now()
	addresses := map[string]string{}
	for _, m := range regexp.MustCompile(`"frontend":"([a-z.]+)","addr":"([^"]*)"`).FindAllStringSubmatch(log, -1) {
		addresses[m[1]] = m[2]
	}
	do := func(want int, args ...string) string {
		t.Helper()
		status, out, stderr := tidegate(t, "", append([]string{args[0], "-at", at}, args[1:]...)...)
		if status != want {
			t.Errorf("tidegate %q: %d, want %d\n%s%s", args, status, want, out, stderr)
		}
		return out + stderr
	}
	contains := func(text string, all ...string) {
		t.Helper()
		for _, want := range all {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in:\n%s", want, text)
			}
		}
	}

	ftp, err := ftpclient.Dial(t.Context(), addresses["ftp.public"], ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer ftp.Close()
	if err := ftp.Login("camera", "wrong"); ftpclient.CodeOf(err) != 530 {
		t.Fatal(err)
	}
	if err := ftp.Login("camera", "correct-horse"); err != nil {
		t.Fatal(err)
	}
	r, w := io.Pipe()
	defer w.Close()
	put := make(chan error, 1)
	go func() { put <- ftp.Put("over-ftp.bin", r) }()
	if _, err := w.Write(make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	sshConn, err := ssh.Dial("tcp", addresses["sftp.public"], &ssh.ClientConfig{
		User: "camera", Auth: []ssh.AuthMethod{ssh.Password("correct-horse")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // the server is ours
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sshConn.Close()
	files, err := sftplib.NewClient(sshConn)
	if err != nil {
		t.Fatal(err)
	}
	file, err := files.Create("over-sftp.bin")
	if err == nil {
		_, err = file.Write(make([]byte, 50<<10))
	}
	if err != nil {
		t.Fatal(err)
	}

	contains(do(exitOK, "status"), "node-1", "serving for ", "2, transfers 2", "ftp.public "+addresses["ftp.public"], "contoso  2", "memory.a", "login_refused", "the password is wrong", "SETTING")
	reader, err := ftpclient.Dial(t.Context(), addresses["ftp.public"], ftpclient.Options{})
	if err == nil {
		err = reader.Login("reader", "correct-horse")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Put("no.bin", strings.NewReader("x")); ftpclient.CodeOf(err) != 553 {
		t.Errorf("an upload without the right: %v", err)
	}
	reader.Close()
	for strings.Contains(do(exitOK, "sessions"), "contoso/reader") {
		continue // the process notices it a little later
	}
	contains(do(exitOK, "status"), "operation_finished  ftp.public  ", " contoso/reader  allow ", " write /no.bin: ", "user lacks the right write (allow)\n")
	contains(do(exitOK, "status", "-health"), "Healthy")
	contains(do(exitOK, "status", "-ready"), "ready\n")
	contains(do(exitUsage, "status", "-ready", "-health"), "exclude each other")
	contains(do(exitOK, "sessions"), "contoso/camera", "write /over-ftp.bin ", "write /over-sftp.bin 50 KiB")
	var all struct {
		Sessions []struct{ ID, Protocol string }
	}
	if err := json.Unmarshal([]byte(do(exitOK, "sessions", "-json")), &all); err != nil || len(all.Sessions) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	followed, asJSON := start(t, "trace", "-at", at, "contoso/camera"), start(t, "trace", "-json", "-at", at, "127.0.0.1")
	followed.stderr.find(t, "Ctrl-C")
	asJSON.stderr.find(t, "Ctrl-C")
	if _, err := files.Stat("nothing.bin"); err == nil {
		t.Error("there is a file")
	}
	followed.stdout.find(t, `127\.0\.0\.1:\d+ contoso/camera > STAT \d+ "nothing\.bin"`)
	followed.stdout.find(t, `< STATUS \d+ 2`)
	asJSON.stdout.find(t, `^\{"at":"[^"]*","session":"[^"]*","frontend":"sftp\.public".*"user":"contoso/camera","direction":"received","text":"STAT `)
	if status := followed.end(); status != exitOK {
		t.Errorf("an interrupted trace ends with %d", status)
	}
	contains(do(exitFailure, "trace", "a/b/c"), "client is an address")
	contains(do(exitFailure, "kick", "nobody"), "no such session")
	contains(do(exitUsage, "kick", ""), "the session is empty")
	for _, s := range all.Sessions {
		contains(do(exitOK, "kick", s.ID), "session "+s.ID+" of contoso/camera has ended\n")
	}
	i.stderr.find(t, `"upload_aborted","path":"/over-ftp.bin"[^\n]*ended by an operator`)
	i.stderr.find(t, `"upload_aborted","path":"/over-sftp.bin"[^\n]*ended by an operator`)
	_ = w.Close() // ends Put
	if err := <-put; ftpclient.CodeOf(err) != 426 {
		t.Errorf("the upload over FTP: %v", err)
	}
	if err := sshConn.Wait(); err == nil {
		t.Error("the connection over SSH ended well")
	}

	contains(do(exitOK, "reload"), "changed: nothing")
	write(t, config, text(`user "wrong" {}`))
	contains(do(exitFailure, "reload"), "the configuration has a problem (409)\n  "+config+":20:", "User without a password")
	contains(do(exitOK, "status"), "last reload", "refused: the configuration has a problem: "+config+":20:")
	log, _, _ = i.stderr.now()
	contains(log, `"err":"the configuration has a problem: `+config+":20:")

	// A change that needs a restart, and a port that another program has.
	write(t, config, strings.Replace(text(""), "127.0.0.1:0", addresses["ftp.public"], 1))
	contains(do(exitFailure, "reload"), "listen cannot change", "this process has "+addresses["ftp.public"]+" itself; restart it to change listen, or send it SIGUSR2")
	taken := takenPort(t)
	write(t, config, text("")+"\nfrontend \"status\" \"second\" { listen = \""+taken+"\" }\n")
	contains(do(exitFailure, "reload"), "the port is in use by ", fmt.Sprintf("(process %d)", os.Getpid()))
	write(t, config, text(""))

	contains(do(exitUsage, "status", "-token-file"), "flag needs an argument")
	if status, _, stderr := tidegate(t, "", "status", "-at", "unix:"+filepath.Join(short, "none")); status != exitFailure || !strings.Contains(stderr, "no process serves there") {
		t.Errorf("without a process: %d %s", status, stderr)
	}

	last, err := ftpclient.Dial(t.Context(), addresses["ftp.public"], ftpclient.Options{})
	if err == nil {
		err = last.Login("camera", "correct-horse")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer last.Close()
	upload, err := last.Transfer("STOR last.bin", 0)
	if err != nil {
		t.Fatal(err)
	}
	contains(do(exitOK, "drain"), "draining; sessions: 1")
	i.stderr.find(t, `"msg":"stopping"`)
	contains(do(exitFailure, "reload"), "the process stops, so its configuration stays as it was: draining since ")
	if err := upload.Finish(); err != nil {
		t.Errorf("an upload while the process drains: %v", err)
	}
	if <-i.ended; i.status != exitOK {
		t.Errorf("the process ends with %d", i.status)
	}
	if <-asJSON.ended; asJSON.status != exitFailure {
		t.Errorf("a trace ends with %d after the process", asJSON.status)
	}
	status, _, stderr := tidegate(t, "", "status", "-at", at)
	if status != exitFailure || !strings.Contains(stderr, "no process serves there") {
		t.Errorf("after the end: %d %s", status, stderr)
	}
}
