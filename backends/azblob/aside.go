package azblob

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

// In an account with a hierarchical namespace the service takes no blocks for a file that was
// not made through the Blob endpoint, but by Data Factory, Spark, NFS or Azure's own SFTP. To
// replace such a file, or to append to it, the Backend writes a new file under another name,
// in a directory that clients do not see, and then renames it over the old file.

// asideAge is the age at which a file in that directory is removed. The process that wrote it
// has died before the rename. The service drops uncommitted blocks after the same time.
const asideAge = 7 * 24 * time.Hour

// asideArea writes files under another name.
type asideArea struct{ h *hierarchical }

func (h *hierarchical) aside() *asideArea { return &asideArea{h} }

// asideFile is one file under its temporary name.
type asideFile struct {
	name string
	area *asideArea
	made *blobInfo // once its blocks were committed
}

func (a *asideArea) file() *asideFile {
	return &asideFile{name: asideDir + delimiter + newUploadID(), area: a}
}

// publish renames the file over name when that meets the conditions. access, when it is not
// zero, is that of the file which it replaces; it is set before anyone can see the file.
func (f *asideFile) publish(ctx context.Context, name string, on *blob.AccessConditions, a access) (blobInfo, error) {
	h := f.area.h
	if a != (access{}) && f.made.access != a {
		v, err := h.setAccess(ctx, f.name, version(f.made.etag), a)
		if err != nil {
			h.store.log.WarnContext(ctx, "access to a replaced file not kept", "blob", name, "err", err)
		} else if v != "" {
			f.made.etag = etagOf(v)
		}
		f.made.access = a
	}
	if err := waitForGate(ctx); err != nil {
		return blobInfo{}, err
	}
	err := h.dfs.rename(ctx, f.name, name, version(f.made.etag), on)
	if bloberror.HasCode(err, azurecode.NoRenameParent) {
		if err := h.makeParent(ctx, name); err != nil {
			return blobInfo{}, err
		}
		err = h.dfs.rename(ctx, f.name, name, version(f.made.etag), on)
	}
	if err != nil {
		return blobInfo{}, err
	}
	now, err := h.arrived(ctx, name, *f.made)
	if err != nil {
		return blobInfo{}, err
	}
	f.made = nil
	now.md5 = nil
	return now, nil
}

// drop removes the file when it was made and not published, also after the end of ctx. A
// late rename then finds nothing.
func (f *asideFile) drop(ctx context.Context) {
	if f == nil || f.made == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	s := f.area.h.store
	if err := s.remove(ctx, f.name, version(f.made.etag)); err != nil && vfs.KindOf(err) != vfs.KindNotExist {
		s.log.WarnContext(ctx, "temporary file not removed", "blob", f.name, "err", err)
	}
}

// waitForGate waits until the commit of ctx is decided on.
func waitForGate(ctx context.Context) error {
	if g := gateOf(ctx); g != nil {
		select {
		case <-g.open:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// sweep removes the files that nobody will rename any more.
func (h *hierarchical) sweep(ctx context.Context) error {
	old := h.store.clock.now().Add(-asideAge)
	pager := h.store.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(dirPrefix(asideDir)), MaxResults: to.Ptr(h.pageSize),
	})
	var errs []error
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return join(append(errs, fail(ctx, err))...)
		}
		if page.Segment == nil {
			continue
		}
		for _, item := range page.Segment.BlobItems {
			info := itemInfo(item)
			if info.isDir || info.lastModified == nil || info.lastModified.After(old) || !strings.HasPrefix(*item.Name, asideDir) {
				continue
			}
			if err := h.store.remove(ctx, *item.Name, version(info.etag)); err != nil && vfs.KindOf(err) != vfs.KindNotExist {
				errs = append(errs, err)
			}
		}
	}
	return join(errs...)
}

// sweepEvery is the time between two sweeps.
const sweepEvery = 24 * time.Hour

// sweeping is the goroutine that sweeps.
type sweeping struct {
	cancel context.CancelCauseFunc
	done   sync.WaitGroup
}

// begin calls sweep now and then daily.
func (s *sweeping) begin(sweep func(context.Context) error, log *slog.Logger) {
	ctx, cancel := context.WithCancelCause(context.Background())
	s.cancel = cancel
	s.done.Go(func() {
		ticker := time.NewTicker(sweepEvery)
		defer ticker.Stop()
		for {
			if err := sweep(ctx); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "temporary files not removed", "err", err)
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
}

var errBackendClosed = errors.New("azblob: the backend was closed")

// end ends the goroutine, when there is one, and waits for it.
func (s *sweeping) end() {
	if s.cancel != nil {
		s.cancel(errBackendClosed)
	}
	s.done.Wait()
}
