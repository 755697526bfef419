package browser

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// gateway is a running program with a client's address of each frontend.
type gateway struct {
	t           *testing.T
	ftp, status string
}

// config has a store that is a stub of this test, because the page shows requests of Azure
// stores only, and a directory.
const config = `
node { name = "node-1" }
frontend "status" "page" { listen = "127.0.0.1:0" }
frontend "ftp" "public" {
  listen = "127.0.0.1:0"
  passive { listen = "127.0.0.1:0" }
}
backend "local" "files" { root = "ROOT" }
backend "azblob" "ingest" {
  endpoint  = "STORE"
  container = "ingest"
  hns       = "false"
  auth "anonymous" {}
}
tenant "acme" {
  mount "/" { backend = backend.local.files }
  mount "/ingest" { backend = backend.azblob.ingest }
  user "camera-01" { password_hash = "HASH" }
  user "camera-02" { password_hash = "HASH" }
}
tenant "contoso" {
  mount "/" { backend = backend.local.files }
  user "press" { password_hash = "HASH" }
}
log { format = "json" }
`

// store answers the requests that open a container and look for a file in it.
func store(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("x-ms-version", "2021-12-02")
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if r.URL.Query().Get("comp") == "list" {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprint(w, `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="ingest"><Blobs/><NextMarker/></EnumerationResults>`)
		return
	}
	w.Header().Set("x-ms-error-code", "BlobNotFound")
	w.WriteHeader(http.StatusNotFound)
}

// startGateway builds and runs the program until the test ends.
func startGateway(t *testing.T) *gateway {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "tidegate")
	// Unlike go build, go run keeps the linked program in Go's cache. Here it is not run but
	// copied.
	build := exec.Command("go", "run", "-exec", "cp", "./cmd/tidegate", program)
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go run: %v\n%s", err, out)
	}
	hashing := exec.Command(program, "hash-password")
	hashing.Stdin = strings.NewReader("correct-horse\n")
	hash, err := hashing.Output()
	if err != nil {
		t.Fatal(err)
	}
	stub := httptest.NewServer(http.HandlerFunc(store))
	t.Cleanup(stub.Close)
	file := filepath.Join(dir, "tidegate.hcl")
	text := strings.NewReplacer("HASH", strings.TrimSpace(string(hash)), "ROOT", t.TempDir(), "STORE", stub.URL+"/account").Replace(config)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", file)
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	g, ready, ended := &gateway{t: t}, make(chan bool, 1), make(chan error, 1)
	go func() {
		defer func() { ended <- cmd.Wait() }()
		lines := bufio.NewScanner(log)
		for lines.Scan() {
			var l struct{ Event, Frontend, Addr string }
			if json.Unmarshal(lines.Bytes(), &l) != nil {
				continue
			}
			switch {
			case l.Event == "listening" && l.Frontend == "ftp.public":
				g.ftp = l.Addr
			case l.Event == "listening":
				g.status = l.Addr
			case l.Event == "ready":
				ready <- true
			case l.Event == "cannot_start":
				t.Logf("the gateway says %s", lines.Text())
			}
		}
		close(ready)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // an error means that it has ended
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the gateway ends with %v", err)
			}
		case <-time.After(limit):
			_ = cmd.Process.Kill()
			t.Error("the gateway does not end")
		}
	})
	if !<-ready {
		t.Fatal("the gateway does not start")
	}
	return g
}

// session is a connection of a client over FTP.
type session struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

// dial connects and logs in.
func (g *gateway) dial(user, password string, want string) *session {
	g.t.Helper()
	conn, err := net.Dial("tcp", g.ftp)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = conn.Close() })
	s := &session{g.t, conn, bufio.NewReader(conn)}
	s.reply("220")
	s.ask("USER "+user, "331")
	s.ask("PASS "+password, want)
	return s
}

// reply returns the next reply, which has a code.
func (s *session) reply(code string) string {
	s.t.Helper()
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			s.t.Fatal(err)
		}
		if len(line) < 4 || line[3] != ' ' {
			continue // of a reply of several lines
		}
		if !strings.HasPrefix(line, code) {
			s.t.Fatalf("the reply is %q, want %s", line, code)
		}
		return line
	}
}

func (s *session) ask(command, code string) string {
	s.t.Helper()
	if _, err := fmt.Fprintf(s.conn, "%s\r\n", command); err != nil {
		s.t.Fatal(err)
	}
	return s.reply(code)
}

// traffic is what the page shows beside the upload: sessions, refusals, requests to a store.
func (g *gateway) traffic() {
	g.t.Helper()
	g.dial("camera-02", "wrong", "530")
	g.dial("nobody", "x", "530")
	g.dial("press", "correct-horse", "230")
	other := g.dial("camera-02", "correct-horse", "230")
	other.ask("TYPE I", "200")
	for i := range 5 {
		other.ask(fmt.Sprintf("SIZE /ingest/%d.jpg", i), "550")
	}
	other.ask("PORT 127,0,0,1,4,1", "502")
}

// upload is one that goes on.
type upload struct {
	*session
	data net.Conn
	once sync.Once
}

func (g *gateway) upload(path string) *upload {
	g.t.Helper()
	s := g.dial("camera-01", "correct-horse", "230")
	s.ask("TYPE I", "200")
	dir := ""
	for _, part := range strings.Split(strings.Trim(filepath.Dir(path), "/"), "/") {
		dir += "/" + part
		s.ask("MKD "+dir, "257")
	}
	port := regexp.MustCompile(`\|\|\|(\d+)\|`).FindStringSubmatch(s.ask("EPSV", "229"))
	data, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", port[1]))
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = data.Close() })
	s.ask("STOR "+path, "150")
	return &upload{session: s, data: data}
}

func (u *upload) send(n int) {
	u.t.Helper()
	if _, err := u.data.Write(make([]byte, n)); err != nil {
		u.t.Fatal(err)
	}
}

// sendFor sends for a time, more at some times than at others.
func (u *upload) sendFor(d time.Duration) {
	u.t.Helper()
	end := time.After(d)
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for i := 0; ; i++ {
		select {
		case <-end:
			return
		case <-ticker.C:
			u.send((1 + i/20%4 + i%3) << 19)
		}
	}
}

// finish ends the upload, which is stored then.
func (u *upload) finish() {
	u.t.Helper()
	u.once.Do(func() { _ = u.data.Close() })
	u.reply("226")
}
