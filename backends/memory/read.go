package memory

import (
	"bytes"
	"context"

	"github.com/tidegate/tidegate/vfs"
)

// Open opens the file at p. The Reader holds the content of that moment, so later changes
// of the file do not affect it.
func (b *Backend) Open(ctx context.Context, p vfs.Path, o vfs.OpenOptions) (vfs.Reader, error) {
	if err := canceled(ctx); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, err := b.findFile(p)
	switch {
	case err != nil:
		return nil, err
	case o.Version != "" && o.Version != n.version:
		return nil, vfs.NewError(vfs.KindConflict, nil)
	case o.Offset < 0 || o.Offset > int64(len(n.content)):
		return nil, vfs.NewError(vfs.KindOffset, nil)
	}
	return &reader{ctx, n.info(p.Base()), bytes.NewReader(n.content[o.Offset:])}, nil
}

type reader struct {
	ctx  context.Context
	info vfs.Info
	rest *bytes.Reader
}

func (r *reader) Read(p []byte) (int, error) {
	if err := canceled(r.ctx); err != nil {
		return 0, err
	}
	return r.rest.Read(p)
}

func (r *reader) Info() vfs.Info { return r.info }

func (r *reader) Close() error { return nil }
