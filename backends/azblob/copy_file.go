package azblob

import (
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Copy is not offered.
func (b *Backend) Copy(context.Context, vfs.Path, vfs.Path, vfs.CopyOptions) (vfs.Info, error) {
	return vfs.Info{}, vfs.NewError(vfs.KindUnsupported, nil)
}
