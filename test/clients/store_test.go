package clients

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/test/launch"
)

// store is where a server under test keeps files, as it is seen without it.
type store interface {
	// name names subtests.
	name() string
	// block is what the configuration says of it.
	block() launch.Store
	// read returns the content of a file, and whether there is one.
	read(path string) (content []byte, found bool, err error)
	// write makes or replaces a file.
	write(path string, content []byte) error
}

// azuriteStore makes a container of its own.
func azuriteStore(t testing.TB) store {
	t.Helper()
	s := azurite.Shared(t)
	client, err := azblob.NewClientFromConnectionString(s.ConnectionString(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return azureContainer{ctx: t.Context(), server: s, client: client, container: s.Container(t)}
}

type azureContainer struct {
	ctx       context.Context // the test's
	server    *azurite.Server
	client    *azblob.Client
	container string
}

func (azureContainer) name() string { return "azblob" }

func (c azureContainer) block() launch.Store {
	return launch.Azblob(c.server.Endpoint, c.container, c.server.Account, c.server.Key)
}

func (c azureContainer) read(path string) ([]byte, bool, error) {
	r, err := c.client.DownloadStream(c.ctx, c.container, path, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	content := make([]byte, *r.ContentLength)
	_, err = io.ReadFull(r.Body, content)
	return content, true, errors.Join(err, r.Body.Close())
}

func (c azureContainer) write(path string, content []byte) error {
	_, err := c.client.UploadBuffer(c.ctx, c.container, path, content, nil)
	return err
}

// stubStore makes a service of its own in this process. It is for tests that do not depend on the
// store, and in which many clients use it at once: it uses a tenth of Azurite's processor time.
func stubStore(t testing.TB) store {
	s := azstub.Start(t, azstub.Options{})
	s.CreateContainer(stubContainer)
	return stub{s}
}

const stubContainer = "files"

type stub struct{ *azstub.Server }

func (stub) name() string { return "stub" }

func (s stub) block() launch.Store { return launch.Stub(s.URL(), stubContainer) }

func (s stub) read(path string) ([]byte, bool, error) {
	b, found := s.Blob(stubContainer, path)
	return b.Content, found && b.ETag != "", nil
}

func (s stub) write(path string, content []byte) error {
	return s.Place(stubContainer, path, azstub.Blob{Content: content})
}

// localStore makes a directory of its own.
func localStore(t testing.TB) store {
	return directory(t.TempDir())
}

type directory string

func (directory) name() string { return "local" }

func (d directory) block() launch.Store { return launch.Local(string(d)) }

func (d directory) read(path string) ([]byte, bool, error) {
	content, err := os.ReadFile(filepath.Join(string(d), filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return content, err == nil, err
}

func (d directory) write(path string, content []byte) error {
	name := filepath.Join(string(d), filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, content, 0o666)
}
