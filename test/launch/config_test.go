package launch_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/test/launch"
)

func TestConfigText(t *testing.T) {
	text, err := launch.Config{
		Store: launch.Azblob("http://127.0.0.1:1", "files", "", "key"), NodeIndex: `env("N")`, LogLevel: "debug", Grace: "1s",
		FTP:     &launch.FTP{Banner: "node ${node.index}", ProxyProtocol: []string{"192.0.2.1"}},
		SFTP:    &launch.SFTP{HostKeyFiles: []string{"a", `b"`}},
		Mounts:  []launch.Mount{{Path: "/lake", Store: launch.Store{Type: "azblob", Name: "lake", Endpoint: "http://a", DFS: "http://b"}}},
		Tenants: []launch.Tenant{{Name: "t", Path: "${x}", Users: []launch.User{{Name: "u", Login: "key"}}}},
	}.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`index = env("N")`, `banner = "node ${node.index}"`, `proxy_protocol = ["192.0.2.1"]`, `host_key_files = ["a", "b\""]`,
		`path    = "$${x}"`, `backend = backend.azblob.files`, `grace  = "1s"`,
		`dfs_endpoint = "http://b"`, "mount \"/lake\" {\n    backend = backend.azblob.lake\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "memory") || strings.Contains(text, "\n\n\n\n") {
		t.Errorf("what was not asked for:\n%s", text)
	}
	t.Log(text)
}
