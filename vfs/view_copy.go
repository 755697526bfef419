package vfs

import (
	"context"
	"errors"
	"time"
)

// CanCopy reports whether Copy is possible: from and to lie on one mount, and its store
// copies files. It sends no request and checks no rights. Where it is false, the caller
// reads and writes the file itself.
func (v *View) CanCopy(from, to Path) bool {
	source, _, okFrom := v.mount(from)
	target, _, okTo := v.mount(to)
	return okFrom && okTo && source == target && source.Backend.Caps().Copy
}

// Copy has the store make a file at to with the content of the file at from:
// KindUnsupported where CanCopy is false. The user needs the rights to read the source and
// to create the target; without PermOverwrite nothing is replaced. The mount's content type
// and cache control are for new content: a copy has those of its source.
func (v *View) Copy(ctx context.Context, from, to Path, o CopyOptions) (Info, error) {
	start := time.Now()
	ctx = v.enter(ctx, Event{Op: "copy", Path: from, To: to})
	noting, receipt := withReceipt(ctx, TypeFile)
	info, err := v.copy(noting, from, to, o)
	receipt.describe(info)
	return info, v.done(ctx, Event{Op: "copy", Path: from, To: to, Bytes: info.Size, Err: err, Receipt: receipt}, start)
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
	if v.rights.at(to)&PermOverwrite == 0 {
		o.NoReplace = true
	}
	var info Info
	err = v.asking(ctx, m.Backend, func(ctx context.Context) (err error) {
		info, err = m.Backend.Copy(ctx, innerFrom, innerTo, o)
		return err
	})
	if err != nil {
		return Info{}, err
	}
	info.Name = to.Base()
	return info, nil
}
