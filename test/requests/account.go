package requests

import (
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	store "github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/testing/azstub"
)

// Account is a storage account in which requests are counted.
type Account interface {
	// HNS reports whether it has a hierarchical namespace.
	HNS() bool
	// Container makes an empty container. Where it can be chosen, content is not kept.
	Container(t *testing.T, discard bool) Container
	// Differs reports that what is counted is not what is wanted.
	Differs(t *testing.T, what, want, got string)
}

// Container holds the files of one operation.
type Container interface {
	// Open returns the container with the other options that are given. It is closed with
	// the test.
	Open(t *testing.T, o store.Options) *store.Backend
	// Place puts a file there.
	Place(t *testing.T, name string, b azstub.Blob)
	// Counts are the requests to the container so far.
	Counts() azstub.Counts
}

// Stub returns the account that the stub is with the options.
func Stub(o azstub.Options) Account { return stubAccount{o} }

type stubAccount struct{ options azstub.Options }

const stubFiles = "files"

func (a stubAccount) HNS() bool { return a.options.HNS }

func (a stubAccount) Container(t *testing.T, discard bool) Container {
	t.Helper()
	o := a.options
	o.Discard = discard
	s := azstub.Start(t, o)
	s.CreateContainer(stubFiles)
	return &stubContainer{s}
}

func (stubAccount) Differs(t *testing.T, what, want, got string) {
	t.Helper()
	t.Errorf("%s %s, want %s", what, got, want)
}

type stubContainer struct{ *azstub.Server }

func (c *stubContainer) Open(t *testing.T, o store.Options) *store.Backend {
	t.Helper()
	key, err := azblob.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		t.Fatal(err)
	}
	o.ContainerURL, o.SharedKey, o.DFSEndpoint = c.URL()+"/"+stubFiles, key, c.DFSURL()
	b, err := store.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	if o.DFSEndpoint != "" {
		if err := b.Probe(t.Context(), store.NamespaceHierarchical); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (c *stubContainer) Place(t *testing.T, name string, b azstub.Blob) {
	t.Helper()
	if c.DFSURL() != "" && b.Metadata["hdi_isfolder"] != "" {
		b = azstub.Blob{Directory: true}
	}
	if err := c.Server.Place(stubFiles, name, b); err != nil {
		t.Fatal(err)
	}
}
