package azurelive

import (
	"testing"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/test/requests"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

// suiteBlock is small, so that a few kilobytes are many.
const suiteBlock = 64 << 10

// TestBackend runs the suite of the stores in real accounts. Over the stub it runs a part of the
// suite, with pages of few entries, because backends/azblob runs the whole suite there. Over
// Azurite it runs nothing.
func TestBackend(t *testing.T) {
	each(t, func(t *testing.T, a *account) {
		if a.name == "Azurite" {
			return // test/stores runs more of the suite there
		}
		suite, page := vfstest.RunMarkers, 8
		if a.real() {
			suite, page = vfstest.Run, 50
		}
		suite(t, vfstest.Target{
			New: func(t *testing.T) vfs.Backend {
				return a.newFiles(t).open(t, azblob.Options{BlockSize: suiteBlock, PageSize: int32(page), Chunks: chunk.New(4 << 20)})
			},
			BlockSize: suiteBlock,
			PageSize:  page,
			Refuses:   azstub.CannotHold,
			Beside:    true,
		})
	})
}

// TestRequests counts what commands and packets cost. Elsewhere test/requests counts in the stub
// itself; here it is the transport that counts.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, a *account) {
		table := requestTable{a}
		t.Run("FTP", func(t *testing.T) { requests.FTP(t, table) })
		if a.name != "Azurite" {
			t.Run("SFTP", func(t *testing.T) { requests.SFTP(t, table) })
		}
	})
}

// requestTable is an account for the table of requests.
type requestTable struct{ account *account }

func (r requestTable) HNS() bool { return r.account.hns }

func (r requestTable) Container(t *testing.T, _ bool) requests.Container {
	t.Helper()
	return r.account.newFiles(t)
}

func (r requestTable) Differs(t *testing.T, what, want, got string) {
	t.Helper()
	differences.add(t, r.account, what, want, got)
}
