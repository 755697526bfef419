package windows

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	configFile = "ProgramData/Tidegate/tidegate.hcl"
	logFile    = "ProgramData/Tidegate/logs/tidegate.log"
)

const configuration = `
frontend "ftp" "public" {
  listen = "127.0.0.1:%d"
  passive { listen = "127.0.0.1:%d" }
}
frontend "status" "local" { listen = "127.0.0.1:%d" }
backend "local" "files" { root = "C:/files" }
tenant "contoso" {
  mount "/" { backend = backend.local.files }
  user "upload" { password_hash = "HASH" }
  # MORE
}
`

// The service is installed, started, reloaded, stopped and removed. Files come and go with
// curl, and a stop waits for an upload.
func TestService(t *testing.T) {
	m := startMachine(t)
	for _, old := range []string{"ProgramData/Tidegate", "files"} {
		if err := os.RemoveAll(m.c(old)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(m.c("files"), 0o755); err != nil {
		t.Fatal(err)
	}
	hash := strings.TrimSpace(m.hash("correct-horse"))
	control, operators := freePort(t), freePort(t)
	text := strings.ReplaceAll(fmt.Sprintf(configuration, control, freePort(t), operators), "HASH", hash)

	m.service(1, "status", "Install it: tidegate service install")
	m.service(1, "remove", "Install it")
	m.write(configFile, strings.Replace(text, `backend "local"`, `backend "lokal"`, 1))
	m.service(2, "install", "lokal")
	m.write(configFile, text)
	m.service(0, "install", "installed", `NT SERVICE\tidegate`, `C:\ProgramData\Tidegate\logs\tidegate.log`)
	m.service(0, "install", "changed")
	m.service(1, "status", "state    stopped\n")
	m.service(1, "reload")
	m.service(0, "start", "started")
	m.service(0, "status", "running, process ", "automatic", `NT SERVICE\tidegate`, `service run -log C:\ProgramData\Tidegate\logs\tidegate.log C:\ProgramData\Tidegate`)

	content := make([]byte, 3<<20)
	_, _ = rand.Read(content) // never fails
	file := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := curl(t.Context(), "upload", control, "up.bin", "-T", file).CombinedOutput(); err != nil {
		t.Fatalf("upload: %v\n%s", err, out)
	}
	if got, err := curl(t.Context(), "upload", control, "up.bin").Output(); err != nil || !bytes.Equal(got, content) {
		t.Errorf("download: %d bytes, %v", len(got), err)
	}
	m.says(0, []string{"status", "-at", fmt.Sprintf("http://127.0.0.1:%d", operators)}, "serving")

	if out, err := curl(t.Context(), "second", control, "").CombinedOutput(); err == nil {
		t.Errorf("a user that is not there yet gets\n%s", out)
	}
	m.write(configFile, strings.Replace(text, "# MORE", `user "second" { password_hash = "`+hash+`" }`, 1))
	m.service(0, "reload", "requested")
	m.log(`"cause":"service control"`)
	if out, err := curl(t.Context(), "second", control, "").CombinedOutput(); err != nil || !strings.Contains(string(out), "up.bin") {
		t.Errorf("after the reload: %v\n%s", err, out)
	}

	slow := curl(t.Context(), "upload", control, "slow.bin", "-T", file, "--limit-rate", "1M")
	if err := slow.Start(); err != nil {
		t.Fatal(err)
	}
	m.uploading("slow.bin", operators)
	m.service(0, "stop", "stopped")
	if err := slow.Wait(); err != nil {
		t.Errorf("the upload during the stop: %v", err)
	}
	if got := m.read("files/slow.bin"); got != string(content) {
		t.Errorf("the file that was uploaded during the stop has %d bytes", len(got))
	}
	m.log(`"msg":"stopped"`)

	m.write(configFile, strings.Replace(text, `backend "local"`, `backend "lokal"`, 1))
	m.service(1, "start", "exit status 2")
	m.log("lokal")
	m.service(1, "status", "stopped, exit status 2")

	// It starts with the machine.
	m.write(configFile, text)
	m.reboot()
	m.awaitService("state    running")
	m.service(0, "remove", "removed")
	m.service(1, "status", "Install it")
	m.read(configFile)
	m.read(logFile)
}
