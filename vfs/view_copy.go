package vfs

import (
	"context"
	"errors"
	"time"
)

// CanCopy reports whether Copy can be asked for: from and to lie on one mount,
// and its store copies files. It asks nobody, and says nothing about rights.
// Otherwise a copy is what its caller reads and writes.
func (v *View) CanCopy(from, to Path) bool {
	source, _, okFrom := v.mount(from)
	target, _, okTo := v.mount(to)
	return okFrom && okTo && source == target && source.Backend.Caps().Copy
}

// Copy makes a file at to with the content of the file at from, by the store
// itself: KindUnsupported where CanCopy denies it. The user needs the rights to
// read the one and to create the other; without PermOverwrite nothing is
// replaced. The mount's content type and cache control are for new content: a
// copy has those of its source.
func (v *View) Copy(ctx context.Context, from, to Path, o CopyOptions) (Info, error) {
	start := time.Now()
	info, err := v.copy(ctx, from, to, o)
	return info, v.done(ctx, Event{Op: "copy", Path: from, To: to, Bytes: info.Size, Err: err}, start)
}

func (v *View) copy(ctx context.Context, from, to Path, o CopyOptions) (Info, error) {
	_, innerFrom, err := v.readable(from)
	if err != nil {
		return Info{}, err
	}
	m, innerTo, err := v.creatable(ctx, to)
	switch {
	case err != nil:
		return Info{}, err
	case !v.CanCopy(from, to):
		return Info{}, NewError(KindUnsupported, errors.New("the store does not copy from there to here"))
	}
	if !v.may(PermOverwrite) {
		o.NoReplace = true
	}
	info, err := m.Backend.Copy(ctx, innerFrom, innerTo, o)
	if err != nil {
		return Info{}, err
	}
	info.Name = to.Base()
	return info, nil
}
