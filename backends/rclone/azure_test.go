package rclone_test

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

func openAzure(t *testing.T) (*rclone.Backend, *azstub.Server) {
	t.Helper()
	server := azstub.Start(t, azstub.Options{})
	server.CreateContainer("container")
	return open(t, rclone.Options{Store: "azureblob", Root: "container/prefix", Values: map[string]config.Secret{
		"connection_string": config.Secret(server.ConnectionString()), "list_chunk": "100",
	}}), server
}

// After a failed upload of blocks rclone commits the list of those that the
// target has, and a file that came by one Put Blob has none. So the upload must
// not go to the target itself.
func TestAzureFailedUploadKeepsTheFile(t *testing.T) {
	b, server := openAzure(t)
	p := vfs.MustParse("/file")
	if err := put(t, b, p, "old"); err != nil {
		t.Fatal(err)
	}
	server.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.PutBlockList}, Times: 1, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationFailure")})
	if err := put(t, b, p, strings.Repeat("new", 1<<20)); vfs.KindOf(err) != vfs.KindUnavailable {
		t.Errorf("a refused upload: %v, want %v", err, vfs.KindUnavailable)
	}
	if blob, ok := server.Blob("container", "prefix/file"); !ok || string(blob.Content) != "old" {
		t.Errorf("the file is %+v, %t, want the old one", blob, ok)
	}
	if got := names(t, b, "/"); !slices.Equal(got, []string{"file"}) {
		t.Errorf("List shows %q, want the file", got)
	}
}

// A store that copies and cannot move: when the answer to the removal of the source is lost, the
// copy stays, because it may be the only one.
func TestAzureRenameWithLostAnswer(t *testing.T) {
	source, target := vfs.MustParse("/source"), vfs.MustParse("/target")
	for name, times := range map[string]int{"once": 1, "always": 0} {
		t.Run(name, func(t *testing.T) {
			b, server := openAzure(t)
			if err := put(t, b, source, "content"); err != nil {
				t.Fatal(err)
			}
			server.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.DeleteBlob}, Times: times, Fault: azstub.LostAnswer()})
			err := b.Rename(t.Context(), source, target, vfs.RenameOptions{})
			if err != nil && vfs.KindOf(err) != vfs.KindUnavailable {
				t.Error(err)
			}
			if blob, ok := server.Blob("container", "prefix/target"); !ok || string(blob.Content) != "content" {
				t.Errorf("the target is %+v, %t after %v", blob, ok, err)
			}
			if _, there := server.Blob("container", "prefix/source"); there {
				t.Error("the source is there")
			}
		})
	}
}

// A store that refuses to remove the source has it still, and the copy is removed.
func TestAzureRenameWithoutRemoval(t *testing.T) {
	b, server := openAzure(t)
	if err := put(t, b, vfs.MustParse("/source"), "content"); err != nil {
		t.Fatal(err)
	}
	server.AddRule(azstub.Rule{Kinds: []azstub.Kind{azstub.DeleteBlob}, Times: 1, Fault: azstub.Fail(azstub.BeforeBody(), 403, "AuthorizationPermissionMismatch")})
	if err := b.Rename(t.Context(), vfs.MustParse("/source"), vfs.MustParse("/target"), vfs.RenameOptions{}); vfs.KindOf(err) != vfs.KindUnavailable {
		t.Errorf("got %v, want %v", err, vfs.KindUnavailable)
	}
	if got := names(t, b, "/"); !slices.Equal(got, []string{"source"}) {
		t.Errorf("List shows %q, want the source", got)
	}
}

// Open fails if the container is missing. It succeeds if nothing exists below the prefix, and
// makes no marker there.
func TestAzureMissingContainer(t *testing.T) {
	server := azstub.Start(t, azstub.Options{})
	server.CreateContainer("container")
	for root, want := range map[string]bool{"container": true, "container/prefix": true, "containr": false, "containr/prefix": false} {
		b, err := rclone.Open(t.Context(), rclone.Options{Store: "azureblob", Root: root, Log: slog.New(slog.DiscardHandler), Values: map[string]config.Secret{
			"connection_string": config.Secret(server.ConnectionString()),
		}})
		switch {
		case !want && vfs.KindOf(err) != vfs.KindNotExist:
			t.Errorf("root %q: %v, want %v", root, err, vfs.KindNotExist)
		case want && err != nil:
			t.Errorf("root %q: %v", root, err)
		}
		if err == nil {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if _, ok := server.Blob("container", "prefix/"); ok {
		t.Error("the start made a marker")
	}
}
