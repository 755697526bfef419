package ledger

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/test/launch"
)

// configuration is that of a server with a user for each client.
func configuration(t *testing.T, s *store, hash, grace string, users []string) launch.Config {
	t.Helper()
	hostKey := filepath.Join(t.TempDir(), "host_key")
	if err := sftp.EnsureHostKey(hostKey); err != nil {
		t.Fatal(err)
	}
	tenant := launch.Tenant{Name: "t"}
	for _, u := range users {
		tenant.Users = append(tenant.Users, launch.User{Name: u, Hash: hash})
	}
	return launch.Config{
		Store: launch.Stub(s.url, container),
		FTP:   &launch.FTP{}, SFTP: &launch.SFTP{HostKeyFiles: []string{hostKey}},
		Memory:  "16MiB", // an eighth of it bounds blocks
		Grace:   grace,
		Tenants: []launch.Tenant{tenant}, LogLevel: "debug",
	}
}

// idle waits until all sessions of a user are over.
func idle(p *launch.Process, user string) {
	p.Await("the end of the sessions of "+user, func(lines []string) bool {
		open := 0
		for _, line := range lines {
			var entry struct{ Msg, Tenant, User string }
			if !strings.Contains(line, user) || json.Unmarshal([]byte(line), &entry) != nil || entry.Tenant != "t" || entry.User != user {
				continue
			}
			switch entry.Msg {
			case "login succeeded":
				open++
			case "session ended":
				open--
			}
		}
		return open == 0
	})
}
