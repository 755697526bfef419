package azblob

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/vfs"
)

// hierarchical implements directories for an account with a hierarchical namespace. The
// service has directories there, and a file and a directory cannot have the same name.
// Contents and listings are requested from the Blob endpoint, which is cheaper and verifies
// CRC64. Requests that change directories go to the endpoint for Data Lake Storage.
type hierarchical struct {
	store    *store
	dfs      *dfs
	pages    *fairshare.Resource
	pageSize int32
	o        HierarchicalOptions
	// renames remembers how the service renames files, and ownerRefused that the gateway may
	// not set the owner of a file.
	renames      renameFacts
	ownerRefused atomic.Bool
}

// renameFacts are what the first rename has shown about the service. Its documentation does
// not say whether a renamed file keeps its version and its time.
type renameFacts struct{ keepsVersion atomic.Bool }

var _ directories = (*hierarchical)(nil)

func newHierarchical(s *store, o Options) (*hierarchical, error) {
	d, err := newDFS(s, o)
	if err != nil {
		return nil, err
	}
	return &hierarchical{
		store: s, dfs: d, pages: pageSlots(o.Ledger, o.Chunks), pageSize: cmp.Or(o.PageSize, defaultPageSize), o: o.Hierarchical,
	}, nil
}

func (h *hierarchical) caps(c *vfs.Caps) { c.AtomicRenameDir, c.KeepsParents = true, true }

// maxLevels is how many levels a name may have.
//
// The documentation says 63 path segments, of which the service counts two for the account
// and the container.
const maxLevels = 61

func (h *hierarchical) refuses(name string) string {
	switch {
	case strings.Count(name, delimiter) >= maxLevels:
		return "name has more than 61 levels"
	case isAside(name):
		return "name is reserved"
	}
	return ""
}

func (h *hierarchical) knows(string) bool { return false }

// look takes one request.
func (h *hierarchical) look(ctx context.Context, name string, _ func(place) bool) (place, error) {
	props, err := h.store.head(ctx, name)
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
		return place{}, nil
	case err != nil:
		return place{}, err
	}
	info := props.info()
	return place{blob: &info}, nil
}

// below takes no request: a directory is a blob of its name.
func (h *hierarchical) below(context.Context, string) (place, error) { return place{}, nil }

// make makes the directory and its parents with one request, on condition that nothing is
// there. When the answer was lost, the metadata of the directory shows whether this request
// has made it.
func (h *hierarchical) make(ctx context.Context, name string) error {
	upload := newUploadID()
	counted, tries := counting(ctx)
	err := fail(ctx, h.dfs.makeDir(counted, name, upload))
	if err == nil || !tries.repeated() && !tries.lost() && !isConflict(err) {
		return err
	}
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	at, lookErr := h.look(looking, name, anything)
	switch {
	case lookErr != nil:
		return failAs(vfs.KindUnavailable, err, lookErr)
	case at.isDir() && at.blob.meta.get(metaUpload) == upload:
		return nil
	case at.blob != nil:
		return vfs.NewError(vfs.KindExist, err)
	case isConflict(err):
		return vfs.NewError(vfs.KindNotExist, err) // a file is above it
	}
	return err
}

// remove looks the entry up, because the service would delete a file too, and deletes the
// version that it has seen.
func (h *hierarchical) remove(ctx context.Context, name string) error {
	var changed error
	for range removeTries {
		at, err := h.look(ctx, name, anything)
		switch {
		case err != nil:
			return err
		case at.blob == nil:
			return vfs.NewError(vfs.KindNotExist, changed)
		case !at.isDir():
			return vfs.NewError(vfs.KindNotDir, nil)
		}
		counted, tries := counting(ctx)
		err = h.dfs.removeDir(counted, name, version(at.blob.etag))
		if err == nil || notFound(err) && tries.repeated() {
			return nil
		}
		if changed = fail(ctx, err); vfs.KindOf(changed) != vfs.KindConflict {
			return changed
		}
	}
	return changed
}

// setTime: the service alone sets the time of a directory.
func (h *hierarchical) setTime(_ context.Context, _ string, marker *blobInfo, missing error, _ time.Time) error {
	if marker == nil {
		return missing
	}
	return vfs.NewError(vfs.KindIsDir, nil)
}

func (h *hierarchical) keepsAccess() bool { return h.o.KeepACL }

// setAccess sets the ACL of a file, which the gateway may because it has made the file, and
// owner and group where it may set those.
func (h *hierarchical) setAccess(ctx context.Context, name, version string, a access) (string, error) {
	if !h.ownerRefused.Load() {
		v, err := h.dfs.setAccess(quietly(ctx), name, version, a)
		if !hasStatus(err, http.StatusForbidden) {
			return v, fail(ctx, err)
		}
		h.ownerRefused.Store(true)
		h.store.log.WarnContext(ctx, "owners of replaced files not kept", "blob", name, "err", fail(ctx, err))
	}
	a.owner, a.group = "", ""
	v, err := h.dfs.setAccess(ctx, name, version, a)
	return v, fail(ctx, err)
}

// isConflict reports whether an entry may be in the way.
func isConflict(err error) bool {
	switch vfs.KindOf(err) {
	case vfs.KindExist, vfs.KindConflict, vfs.KindUnsupported:
		return err != nil
	}
	return false
}

// explain looks for the entry that is in the way of a file or directory called name: the
// service has several codes for a directory of that name, and for a file above it.
func (h *hierarchical) explain(ctx context.Context, name string, cause error) error {
	conflict := isConflict(cause) && vfs.KindOf(cause) != vfs.KindExist && hasStatus(cause, http.StatusConflict)
	if !conflict && !bloberror.HasCode(cause, azurecode.BadDestination) {
		return cause
	}
	switch at, err := h.look(ctx, name, anything); {
	case err != nil:
		return join(cause, err)
	case at.isDir():
		return vfs.NewError(vfs.KindIsDir, cause)
	case at.isFile():
		return cause
	}
	for parent := range parents(name) {
		switch at, err := h.look(ctx, parent, anything); {
		case err != nil:
			return join(cause, err)
		case at.isFile():
			return vfs.NewError(vfs.KindNotExist, cause)
		case at.isDir():
			return cause
		}
	}
	return cause
}

// parents yields the names of the directories above a name, the nearest first, without the
// root.
func parents(name string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for {
			i := strings.LastIndex(name, delimiter)
			if i < 0 {
				return
			}
			if name = name[:i]; !yield(name) {
				return
			}
		}
	}
}
