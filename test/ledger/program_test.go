package ledger

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/launch"
)

// configuration writes one for a server with a user for each client.
func configuration(t *testing.T, s *store, hash, grace string, users []string) string {
	t.Helper()
	dir := t.TempDir()
	hostKey := filepath.Join(dir, "host_key")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `
backend "azblob" "files" {
  endpoint  = %q
  container = %q
  auth "shared_key" {
    key = %q
  }
}

frontend "ftp" "public" {
  listen = "127.0.0.1:0"
  passive {
    listen = "127.0.0.1:0"
  }
  tls {
    mode        = "optional"
    self_signed = true
  }
}

frontend "sftp" "public" {
  listen         = "127.0.0.1:0"
  host_key_files = [%q]
}

transfers {
  memory = "16MiB" # an eighth of it bounds blocks
  grace  = %q
}

log {
  level = "debug"
}

tenant "t" {
  mount "/" {
    backend = backend.azblob.files
  }
`, s.url, container, azstub.DevKey, hostKey, grace)
	for _, u := range users {
		fmt.Fprintf(&b, "  user %q {\n    password_hash = %q\n  }\n", u, hash)
	}
	b.WriteString("}\n")
	path := filepath.Join(dir, "tidegate.hcl")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sftpAddress returns where a server takes SFTP.
func sftpAddress(p *launch.Process) string {
	var entry struct{ Msg, Frontend, Addr string }
	p.Find("the address of its SFTP port", func(line string) bool {
		return json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" && strings.HasPrefix(entry.Frontend, "sftp")
	})
	return entry.Addr
}

// idle waits until all sessions of a user are over.
func idle(p *launch.Process, user string) {
	p.Await("the end of the sessions of "+user, func(lines []string) bool {
		open := 0
		for _, line := range lines {
			var entry struct{ Msg, User string }
			if !strings.Contains(line, user) || json.Unmarshal([]byte(line), &entry) != nil || entry.User != "t/"+user {
				continue
			}
			switch entry.Msg {
			case "logged in":
				open++
			case "session ends":
				open--
			}
		}
		return open == 0
	})
}
