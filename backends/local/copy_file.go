package local

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Copy copies a file into a temporary file, which is committed like that of a
// Writer. The kernel copies the bytes, or shares them where the file system can.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	name, err := b.begin(ctx, from)
	if err != nil {
		return vfs.Info{}, err
	}
	src, fi, err := b.openFile(name)
	if err != nil {
		return vfs.Info{}, err
	}
	defer func() { _ = src.Close() }()
	if o.Version != "" && o.Version != version(fi) {
		return vfs.Info{}, vfs.NewError(vfs.KindConflict, nil)
	}
	mode := vfs.ModeReplace
	if o.NoReplace {
		mode = vfs.ModeExclusive
	}
	w, err := b.newWriter(ctx, to, mode)
	if err != nil {
		return vfs.Info{}, err
	}
	if _, err := w.stage(); err != nil {
		return vfs.Info{}, err
	}
	defer w.Abort()
	if err := w.fill(src, fi); err != nil {
		return vfs.Info{}, err
	}
	return w.Commit(ctx, vfs.CommitOptions{ModTime: o.ModTime})
}
