package release

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// testImage runs the image as a container, as an unprivileged user without a file that can be
// written, uploads a file, and stops it.
func testImage(t *testing.T, release string) {
	for _, program := range []string{"skopeo", "umoci", "runc", "curl"} {
		find(t, program)
	}
	if os.Getuid() != 0 {
		t.Fatal("only root can run a container here")
	}
	dir := t.TempDir()
	layout, bundle, conf, files := filepath.Join(dir, "layout"), filepath.Join(dir, "bundle"), filepath.Join(dir, "conf"), filepath.Join(dir, "files")
	for _, d := range []string{layout, conf, files} {
		if err := os.Mkdir(d, 0o755); err != nil { //nolint:gosec // the container's user reads them
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(files, 65532, 65532)); err != nil { //nolint:gosec // the same
		t.Fatal(err)
	}
	// Of the two forms, Docker's is converted by a program that knows both.
	command(t, "skopeo", "inspect", "--raw", "oci-archive:"+one(t, release, "*_oci.tar"))
	command(t, "skopeo", "copy", "--quiet", "docker-archive:"+one(t, release, "*_docker_amd64.tar"), "oci:"+layout+":dev")
	command(t, "umoci", "unpack", "--image", layout+":dev", bundle)
	text := strings.NewReplacer("/srv/files", "/files", "127.0.0.1:21", "127.0.0.1:42121", "127.0.0.1:30000", "127.0.0.1:42122").Replace(configuration)
	if err := os.WriteFile(filepath.Join(conf, "tidegate.hcl"), []byte(text), 0o644); err != nil { //nolint:gosec // the same
		t.Fatal(err)
	}
	restrict(t, filepath.Join(bundle, "config.json"), map[string]string{"/etc/tidegate": conf, "/files": files})

	var log strings.Builder
	c := exec.Command("runc", "--root", filepath.Join(dir, "state"), "run", "--bundle", bundle, "tidegate-test") //nolint:gosec // of the test
	c.Stdout, c.Stderr = &log, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, time.Minute, "no upload succeeds", func() bool {
		err := exec.Command("curl", "--silent", "--max-time", "10", "--upload-file", file, "--user", "upload:correct-horse", "ftp://127.0.0.1:42121/").Run() //nolint:gosec // of the test
		return err == nil
	})
	if got, err := os.ReadFile(filepath.Join(files, "file")); err != nil || string(got) != "content" {
		t.Errorf("%q, %v", got, err)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil { // runc passes it on
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("the container ends with %v\n%s", err, log.String())
		}
	case <-time.After(time.Minute):
		t.Fatal("the container does not stop")
	}
}

// restrict writes the bundle's configuration anew: the file system cannot be written, there
// are further directories, the network is that of this machine, and no terminal.
func restrict(t *testing.T, path string, directories map[string]string) {
	t.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // of the test
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	process := c["process"].(map[string]any)
	process["terminal"] = false
	user := process["user"].(map[string]any)
	if user["uid"] != 65532.0 || user["gid"] != 65532.0 {
		t.Errorf("the user of the image is %v", user)
	}
	c["root"].(map[string]any)["readonly"] = true
	var namespaces []any
	for _, n := range c["linux"].(map[string]any)["namespaces"].([]any) {
		if n.(map[string]any)["type"] != "network" {
			namespaces = append(namespaces, n)
		}
	}
	c["linux"].(map[string]any)["namespaces"] = namespaces
	for in, from := range directories {
		c["mounts"] = append(c["mounts"].([]any), map[string]any{"destination": in, "type": "bind", "source": from, "options": []string{"bind"}})
	}
	if text, err = json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
