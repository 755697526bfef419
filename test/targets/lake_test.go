package targets

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
)

// lake is an account with a hierarchical namespace; open opens a new one.
type lake struct{ *azstub.Server }

func (l *lake) open(t *testing.T) vfs.Backend {
	l.Server = azstub.Start(t, azstub.Options{HNS: true})
	l.CreateContainer(stubContainer)
	key, err := container.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{
		ContainerURL: l.URL() + "/" + stubContainer, SharedKey: key, DFSEndpoint: l.DFSURL(), Chunks: chunk.New(64 << 20),
	})
	if err == nil {
		err = b.Probe(t.Context(), azblob.NamespaceAuto)
	}
	return closed(t, b, err)
}

// TestFrontendsOnLake runs what the suite of the frontends asks of a store over an account with
// a hierarchical namespace.
func TestFrontendsOnLake(t *testing.T) {
	var l lake
	t.Run("FTP", func(t *testing.T) {
		ftptest.RunStore(t, ftptest.Config{Backend: l.open, Small: true, Start: startFTP, LoginTries: 3, Ambient: connections, Refuses: azstub.CannotHold})
	})
	t.Run("SFTP", func(t *testing.T) {
		frontendtest.RunStore(t, sftptest.Target(sftptest.Config{Backend: l.open, Small: true, Start: startSFTP, Ambient: connections, Refuses: azstub.CannotHold}))
	})
}

// TestMixedAccounts: a tenant's mounts on a flat account and on one with a hierarchical
// namespace work side by side. A rename from one to the other is refused as between any two
// stores, and changes nothing.
func TestMixedAccounts(t *testing.T) {
	var s stub
	var l lake
	view, err := vfs.NewView(vfs.ViewOptions{
		Mounts: []vfs.Mount{{Backend: s.open(t), At: vfs.MustParse("/flat")}, {Backend: l.open(t), At: vfs.MustParse("/lake")}},
		Allow:  vfs.PermAll,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	put := func(name string) {
		t.Helper()
		w, err := view.Create(ctx, vfs.MustParse(name), vfs.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, bytes.NewReader([]byte(name))); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Commit(ctx, vfs.CommitOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	entries := func(dir string) (names []string) {
		t.Helper()
		for info, err := range view.List(ctx, vfs.MustParse(dir)) {
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, info.Name)
		}
		slices.Sort(names)
		return names
	}
	for _, mount := range []string{"/flat", "/lake"} {
		put(mount + "/dir/file")
		if err := view.Mkdir(ctx, vfs.MustParse(mount+"/made")); err != nil {
			t.Fatal(err)
		}
		if err := view.Rename(ctx, vfs.MustParse(mount+"/dir"), vfs.MustParse(mount+"/moved"), vfs.RenameOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{
		"/flat/moved/file": "/lake/file", "/lake/moved/file": "/flat/file", "/flat/moved": "/lake/dir", "/lake/moved": "/flat/dir",
	} {
		err := view.Rename(ctx, vfs.MustParse(from), vfs.MustParse(to), vfs.RenameOptions{})
		if e, ok := errors.AsType[*vfs.Error](err); !ok || e.Kind != vfs.KindCrossMount {
			t.Errorf("Rename(%s, %s): %v", from, to, err)
		}
	}
	for _, mount := range []string{"/flat", "/lake"} {
		if got := entries(mount); !slices.Equal(got, []string{"made", "moved"}) {
			t.Errorf("%s: %q", mount, got)
		}
		if got := entries(mount + "/moved"); !slices.Equal(got, []string{"file"}) {
			t.Errorf("%s/moved: %q", mount, got)
		}
	}
}
