package targets

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/vfs"
)

// stub is the store in this process; open opens a new one.
type stub struct{ *azstub.Server }

const stubContainer = "files"

func (s *stub) open(t *testing.T) vfs.Backend {
	s.Server = azstub.Start(t, azstub.Options{})
	s.CreateContainer(stubContainer)
	return openAzblob(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/"+stubContainer)
}

// tree looks into the stub itself.
func (s *stub) tree(context.Context) (map[string]string, error) {
	tree := map[string]string{}
	for _, name := range s.Names(stubContainer) {
		b, _ := s.Blob(stubContainer, name)
		_, isDir := b.Metadata["hdi_isfolder"]
		add(tree, name, string(b.Content), isDir)
	}
	return tree, nil
}

// emulator is Azurite; open makes a container in it.
type emulator struct {
	server *azurite.Server
	blobs  *container.Client
	// read is what tree has read, by name and ETag.
	read map[[2]string]string
}

func (s *emulator) open(t *testing.T) vfs.Backend {
	name := s.server.Container(t)
	var err error
	if s.blobs, err = container.NewClientFromConnectionString(s.server.ConnectionString(), name, nil); err != nil {
		t.Fatal(err)
	}
	return openAzblob(t, s.server.Account, s.server.Key, s.server.Endpoint+"/"+name)
}

// tree lists the container in one request, and reads what it has not read before.
func (s *emulator) tree(ctx context.Context) (map[string]string, error) {
	tree := map[string]string{}
	pages := s.blobs.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: container.ListBlobsInclude{Metadata: true}})
	for pages.More() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, b := range page.Segment.BlobItems {
			version := [2]string{*b.Name, string(*b.Properties.ETag)}
			content, known := s.read[version]
			if !known {
				if content, err = s.content(ctx, *b.Name); err != nil {
					return nil, err
				}
				s.read[version] = content
			}
			_, isDir := b.Metadata["hdi_isfolder"]
			add(tree, *b.Name, content, isDir)
		}
	}
	return tree, nil
}

func (s *emulator) content(ctx context.Context, name string) (string, error) {
	r, err := s.blobs.NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(r.Body)
	return string(content), errors.Join(err, r.Body.Close())
}

// add adds a blob to a tree, and the directories that it is in.
func add(tree map[string]string, name, content string, isDir bool) {
	name = "/" + name
	if isDir {
		name, content = strings.TrimSuffix(name, "/")+"/", ""
	}
	tree[name] = content
	for dir := strings.TrimSuffix(name, "/"); ; {
		dir = dir[:strings.LastIndexByte(dir, '/')]
		if dir == "" {
			return
		}
		tree[dir+"/"] = ""
	}
}

func openAzblob(t *testing.T, account, key, url string) vfs.Backend {
	t.Helper()
	cred, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{ContainerURL: url, SharedKey: cred, Chunks: chunk.New(64 << 20)})
	return closed(t, b, err)
}
