package stores

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

func openRclone(t *testing.T, o rclone.Options) vfs.Backend {
	t.Helper()
	o.RenameEntries, o.Log = 5000, slog.New(slog.DiscardHandler)
	b, err := rclone.Open(t.Context(), o)
	return closed(t, b, err)
}

// TestRcloneOverAzure proves each guarantee over rclone's Azure client, where an
// upload is copied in place. The backend azblob is the better one.
func TestRcloneOverAzure(t *testing.T) {
	var server *azstub.Server
	vfstest.RunAgain(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			server = azstub.Start(t, azstub.Options{})
			server.CreateContainer("container")
			return openRclone(t, rclone.Options{Store: "azureblob", Root: "container/prefix", Values: map[string]config.Secret{
				"connection_string": config.Secret(server.ConnectionString()), "list_chunk": "100",
			}})
		},
		Fill: func(t *testing.T, files []vfs.Path) {
			for _, file := range files {
				if err := server.Place("container", "prefix"+file.String(), azstub.Blob{Content: []byte("x")}); err != nil {
					t.Fatal(err)
				}
			}
		},
		PageSize: 100, // rclone collects as many before it hands them on
		Refuses:  func(name string) bool { return len(name) > 1000 || strings.ContainsAny(name, "\ufffe\uffff") },
	})
}
