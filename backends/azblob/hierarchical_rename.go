package azblob

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
	"github.com/tidegate/tidegate/vfs"
)

// pathMove is one rename.
type pathMove struct {
	src, dst string
	from     blobInfo               // the source; no other version of it is moved
	on       *blob.AccessConditions // of the target
}

func (h *hierarchical) movesFiles() bool { return !h.o.CopyFiles }

// rename moves a directory with one request, whatever its size. No client sees a part of it
// under the new name.
func (h *hierarchical) rename(ctx context.Context, src, dst string, marker *blobInfo, target found) error {
	switch {
	case parentOf(src, dst):
		return vfs.NewError(vfs.KindInvalid, nil)
	case marker == nil:
		return vfs.NewError(vfs.KindNotExist, nil)
	}
	var err error
	for range copyTries {
		switch {
		case target.err != nil:
			return target.err
		case target.blob != nil:
			return vfs.NewError(vfs.KindExist, nil)
		}
		err = h.move(ctx, pathMove{src, dst, *marker, conditions("", true)})
		if !errors.Is(err, errSource) {
			return err
		}
		// What is made or removed in the directory may change its version.
		var at place
		if at, err = h.look(ctx, src, anything); err != nil {
			return err
		}
		if !at.isDir() {
			return vfs.NewError(vfs.KindConflict, nil)
		}
		marker = at.blob
	}
	return err
}

// moveFile moves a file with one request. A file at the target is replaced, unless noReplace
// is true.
func (h *hierarchical) moveFile(ctx context.Context, src, dst string, source blobInfo, at found, noReplace bool) error {
	if err := h.store.checkDeletable(source); err != nil {
		return err
	}
	for range copyTries {
		on := conditions("", true)
		switch {
		case at.err != nil:
			return at.err
		case at.isFile() && noReplace:
			return vfs.NewError(vfs.KindExist, nil)
		case at.isFile():
			// The service would break the lease.
			if err := h.store.checkDeletable(*at.blob); err != nil {
				return err
			}
			on = conditions(version(at.blob.etag), false)
		case at.isDir():
			return vfs.NewError(vfs.KindIsDir, nil)
		}
		err := h.move(ctx, pathMove{src, dst, source, on})
		if err == nil {
			h.store.note(ctx, dst, h.keepTime(ctx, dst, source))
			return nil
		}
		if !errors.Is(err, errTarget) || noReplace {
			return err
		}
		p, err := h.look(ctx, dst, anything)
		at = found{p, err}
	}
	return vfs.NewError(vfs.KindConflict, errContended)
}

// errSource is in the chain of the error when the source does not have the version to move.
var errSource = errors.New("azblob: the source of the rename was changed")

// move carries out a rename. It makes the parents of the target when the service misses
// them.
func (h *hierarchical) move(ctx context.Context, m pathMove) error {
	counted, tries := counting(ctx)
	err := h.dfs.rename(counted, m.src, m.dst, version(m.from.etag), m.on)
	if bloberror.HasCode(err, azurecode.NoRenameParent) {
		if err := h.makeParent(ctx, m.dst); err != nil {
			return err
		}
		err = h.dfs.rename(counted, m.src, m.dst, version(m.from.etag), m.on)
	}
	if err == nil {
		return nil
	}
	if err = h.refusal(ctx, m, err); tries.repeated() || tries.lost() {
		return h.resolve(ctx, m, err)
	}
	if errors.Is(err, errTarget) || errors.Is(err, errSource) {
		return err
	}
	return h.explain(ctx, m.dst, err)
}

// refusal returns the error of the service with its kind.
func (h *hierarchical) refusal(ctx context.Context, m pathMove, cause error) error {
	switch {
	case bloberror.HasCode(cause, bloberror.SourceConditionNotMet):
		return vfs.NewError(vfs.KindConflict, join(errSource, fail(ctx, cause)))
	case bloberror.HasCode(cause, bloberror.ConditionNotMet, bloberror.TargetConditionNotMet, bloberror.BlobAlreadyExists, azurecode.PathExists):
		kind := vfs.KindConflict
		if m.on.ModifiedAccessConditions.IfNoneMatch != nil {
			kind = vfs.KindExist
		}
		return vfs.NewError(kind, join(errTarget, fail(ctx, cause)))
	}
	return fail(ctx, cause)
}

// makeParent makes the directory above a name.
func (h *hierarchical) makeParent(ctx context.Context, name string) error {
	for parent := range parents(name) {
		err := h.make(ctx, parent)
		if vfs.KindOf(err) != vfs.KindExist || err == nil {
			return err
		}
		at, err := h.look(ctx, parent, anything)
		if err == nil && !at.isDir() {
			err = vfs.NewError(vfs.KindNotExist, nil)
		}
		return err
	}
	return nil
}

// resolve finds out by both names, also after the end of ctx, whether an attempt whose answer
// was lost has carried out the rename. cause is the last answer.
func (h *hierarchical) resolve(ctx context.Context, m pathMove, cause error) error {
	looking, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	answer := make(chan found, 1)
	go func() {
		p, err := h.look(looking, m.src, anything)
		answer <- found{p, err}
	}()
	target, err := h.look(looking, m.dst, anything)
	source := <-answer
	if err = join(err, source.err); err != nil {
		return failAs(vfs.KindUnavailable, cause, err)
	}
	stays := source.blob != nil && m.from.same(*source.blob)
	switch {
	case !stays && target.blob != nil && m.from.same(*target.blob):
		h.store.log.InfoContext(ctx, "answer to a rename lost, rename complete", "from", m.src, "to", m.dst, "err", cause)
		return nil
	case !stays && vfs.KindOf(cause) == vfs.KindNotExist:
		// Another client has removed the source.
		return vfs.NewError(vfs.KindConflict, cause)
	case vfs.KindOf(cause) == vfs.KindCanceled:
		return vfs.NewError(vfs.KindUnavailable, cause)
	}
	return cause
}

// keepTime gives a renamed file the time that it had, where the service has changed it, and
// returns the file. The rename has succeeded, so that a failure is only logged.
func (h *hierarchical) keepTime(ctx context.Context, name string, source blobInfo) blobInfo {
	if h.renames.keepsVersion.Load() {
		return source
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), verifyTimeout)
	defer cancel()
	now, err := h.arrived(ctx, name, source)
	if err == nil && !now.modTime().Equal(source.modTime()) {
		now, err = h.store.writeModTime(ctx, name, now, source.modTime())
	}
	if err == nil {
		return now
	}
	if vfs.KindOf(err) != vfs.KindNotExist && vfs.KindOf(err) != vfs.KindConflict {
		h.store.log.WarnContext(ctx, "time of a renamed file lost", "blob", name, "err", err)
	}
	source.etag = nil
	return source
}

// arrived returns a renamed file as it is under its new name. The first ones show whether the
// service keeps the version; where it does, no request is needed.
func (h *hierarchical) arrived(ctx context.Context, name string, from blobInfo) (blobInfo, error) {
	if h.renames.keepsVersion.Load() {
		return from, nil
	}
	props, err := h.store.head(ctx, name)
	now := props.info()
	switch {
	case err != nil:
		return blobInfo{}, err
	case !from.same(now):
		return blobInfo{}, vfs.NewError(vfs.KindConflict, nil)
	case version(now.etag) == version(from.etag):
		h.renames.keepsVersion.Store(true)
	}
	return now, nil
}
