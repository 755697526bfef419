package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Stat returns the entry at p. It takes one request for a file, and for a directory that is
// wanted as such or has a marker of its own name.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if p.IsRoot() {
		if want == vfs.TypeFile {
			return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
		}
		return vfs.Info{Type: vfs.TypeDir}, nil
	}
	name, err := blobName(b.dirs, p)
	if err != nil {
		return vfs.Info{}, err
	}
	if want == vfs.TypeDir {
		return b.statDir(ctx, name, p.Base())
	}
	props, err := b.store.head(ctx, name)
	switch {
	case err == nil:
		info := props.info().entry(p.Base())
		if info.IsDir() && want == vfs.TypeFile {
			return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
		}
		return info, nil
	case vfs.KindOf(err) != vfs.KindNotExist || want == vfs.TypeFile:
		return vfs.Info{}, err
	}
	at, lookErr := b.dirs.below(ctx, name)
	switch {
	case lookErr != nil:
		return vfs.Info{}, lookErr
	case !at.isDir():
		return vfs.Info{}, err
	}
	return at.dir(p.Base()), nil
}

// statDir looks for the directory only. A file may have the same name.
func (b *Backend) statDir(ctx context.Context, name, base string) (vfs.Info, error) {
	p, err := b.dirs.look(ctx, name, place.isDir)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case p.isDir():
		return p.dir(base), nil
	case p.isFile():
		return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
	}
	return vfs.Info{}, vfs.NewError(vfs.KindNotExist, nil)
}
