package memory

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Copy makes a file with the same content. Content is immutable, so both files share it.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	if err := canceled(ctx); err != nil {
		return vfs.Info{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	source, err := b.findFile(from)
	if err != nil {
		return vfs.Info{}, err
	}
	if o.Version != "" && o.Version != source.version {
		return vfs.Info{}, vfs.NewError(vfs.KindConflict, nil)
	}
	mode := vfs.ModeReplace
	if o.NoReplace {
		mode = vfs.ModeExclusive
	}
	if _, err := b.replaceable(to, mode); err != nil {
		return vfs.Info{}, err
	}
	return b.hang(to, source.content, o.ModTime)
}
