package azblob_test

import (
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// openLake opens the container of an account with a hierarchical namespace.
func openLake(t *testing.T, s *azstub.Server, o azblob.Options) *azblob.Backend {
	t.Helper()
	o.DFSEndpoint = s.DFSURL()
	b := openStub(t, s, o)
	if err := b.Probe(t.Context(), azblob.NamespaceHierarchical); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestBackendOnLake runs what depends on directories in an account with a hierarchical
// namespace. test/stores runs the whole suite there.
func TestBackendOnLake(t *testing.T) {
	vfstest.RunDirectories(t, vfstest.Target{
		New: func(t *testing.T) vfs.Backend {
			s := azstub.Start(t, azstub.Options{HNS: true, Limits: azstub.Limits{Page: suitePage}})
			return openLake(t, s, azblob.Options{BlockSize: suiteBlock, PageSize: suitePage, Chunks: chunk.New(4 << 20)})
		},
		BlockSize: suiteBlock,
		PageSize:  suitePage,
		Refuses:   azstub.CannotHold,
	})
}
