package release

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const configuration = `
backend "local" "files" {
  root = "/srv/files"
}
frontend "ftp" "public" {
  listen = "127.0.0.1:21"
  passive {
    listen = "127.0.0.1:30000"
  }
}
tenant "acme" {
  mount "/" {
    backend = backend.local.files
  }
  user "upload" {
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
  }
}
`

// newer is the version of the upgrade.
const newer = "99.0.0"

// TestDebianPackage installs the package in a booted Debian as a user would, uses it, upgrades
// it while a client uploads one file after the other, removes it and purges it.
func TestDebianPackage(t *testing.T) {
	find(t, "curl")
	packages := t.TempDir()
	makeRelease(t, root, filepath.Join(packages, "old"), "-kinds", "deb")
	makeRelease(t, root, filepath.Join(packages, "new"), "-kinds", "deb", "-version", newer)
	m := boot(t, packages)

	install := func(version string) { m.run("sh", "-c", "dpkg --install /packages/"+version+"/*.deb") }
	install("old")
	if state, _ := m.try("systemctl", "is-active", "tidegate"); strings.TrimSpace(state) != "inactive" {
		t.Errorf("without a configuration the service is %s", state)
	}
	if text := m.run("sh", "-c", "getent passwd tidegate; stat -c '%a %U %G' /etc/tidegate/tidegate.hcl; tidegate check /etc/tidegate 2>&1 || true"); !strings.Contains(text, "640 root tidegate") || strings.Contains(text, "panic") {
		t.Error(text)
	}
	m.write("/etc/tidegate/tidegate.hcl", configuration)
	m.write("/etc/systemd/system/tidegate.service.d/files.conf", "[Service]\nReadWritePaths=/srv/files\n")
	m.run("install", "-d", "-o", "tidegate", "/srv/files")
	m.run("systemctl", "daemon-reload")
	m.run("tidegate", "check", "-here", "/etc/tidegate")
	m.run("systemctl", "enable", "--now", "tidegate")
	if out, err := m.upload("first", "upload"); err != nil {
		t.Fatalf("upload: %v\n%s\n%s", err, out, m.journal())
	}
	if text := m.run("cat", "/srv/files/first"); text != "content of first" {
		t.Errorf("the file has %q", text)
	}

	reload(t, m)
	upgrade(t, m, func() { install("new") })
	if t.Failed() {
		t.Log(m.journal())
	}
	remove(t, m)
}

// reload gives the configuration a second tenant.
func reload(t *testing.T, m *machine) {
	_, tenant, _ := strings.Cut(configuration, "tenant")
	m.write("/etc/tidegate/more.hcl", strings.NewReplacer("acme", "other", `"upload"`, `"second"`).Replace("tenant"+tenant))
	m.run("systemctl", "reload", "tidegate")
	within(t, 20*time.Second, "the new user cannot log in", func() bool {
		_, err := m.upload("second", "second")
		return err == nil
	})
}

// upgrade installs the newer package while a client uploads.
func upgrade(t *testing.T, m *machine, install func()) {
	before := m.main()
	var done atomic.Bool
	uploads := 0
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !done.Load() {
			uploads++
			if out, err := m.upload(fmt.Sprintf("load-%d", uploads), "upload"); err != nil {
				t.Errorf("upload %d: %v\n%s", uploads, err, out)
			}
		}
	}()
	defer func() {
		done.Store(true)
		<-ended
		t.Logf("%d uploads", uploads)
		if uploads < 3 {
			t.Error("too few uploads to show anything")
		}
	}()
	install()
	within(t, time.Minute, "no new process serves", func() bool { return m.main() != before && m.main() != "0" })
	if text := m.run("sh", "-c", "/proc/"+m.main()+"/exe version"); !strings.Contains(text, newer) {
		t.Errorf("the main process is %s", text)
	}
	if out, err := m.upload("afterwards", "upload"); err != nil {
		t.Errorf("upload: %v\n%s", err, out)
	}
	if state := m.run("systemctl", "show", "--property=ActiveState,NRestarts", "tidegate"); !strings.Contains(state, "ActiveState=active") || !strings.Contains(state, "NRestarts=0") {
		t.Error(state)
	}
}

// remove removes the package, which leaves the configuration, and purges it, which leaves
// the files of users.
func remove(t *testing.T, m *machine) {
	m.run("dpkg", "--remove", "tidegate")
	if state, _ := m.try("systemctl", "is-active", "tidegate"); strings.TrimSpace(state) != "inactive" {
		t.Errorf("the service is %s", state)
	}
	if _, err := m.upload("removed", "upload"); err == nil {
		t.Error("somebody still serves")
	}
	m.run("test", "-e", "/etc/tidegate/tidegate.hcl")
	m.run("dpkg", "--purge", "tidegate")
	if _, err := m.try("test", "-e", "/etc/tidegate/tidegate.hcl"); err == nil {
		t.Error("the configuration is left after the purge")
	}
	m.run("test", "-e", "/srv/files/first")
}

// upload uploads a file with curl, which tries again after a reply 421: of sessions that have
// not begun a transfer when their process is replaced, clients must log in again.
func (m *machine) upload(name, user string) (string, error) {
	file := filepath.Join(m.t.TempDir(), name)
	if err := os.WriteFile(file, []byte("content of "+name), 0o600); err != nil {
		return "", err
	}
	return m.onNetwork("curl", "--silent", "--show-error", "--max-time", "30", "--retry", "3", "--retry-delay", "1",
		"--upload-file", file, "--user", user+":correct-horse", "ftp://127.0.0.1/")
}

// main returns the process ID of the service's main process.
func (m *machine) main() string {
	return strings.TrimSpace(m.run("systemctl", "show", "--property=MainPID", "--value", "tidegate"))
}

func (m *machine) journal() string {
	text, _ := m.try("journalctl", "--no-pager", "--output=cat", "--unit=tidegate")
	return text
}
