package vfs

import (
	"context"
	"errors"
	"time"
)

// Mkdir makes the directory p.
func (v *View) Mkdir(ctx context.Context, p Path) error {
	return v.change(ctx, Event{Op: "mkdir", Path: p}, PermMkdir, func(b Backend, inner Path) error {
		if v.Fixed(p) {
			return NewError(KindExist, nil)
		}
		if m, _, _ := v.mount(p); m.RequireParents {
			if err := v.wantParent(ctx, m, p); err != nil {
				return err
			}
		}
		return b.Mkdir(ctx, inner)
	})
}

// errDots refuses to remove or rename a directory by "." or "..", which is not its name in
// its parent.
var errDots = &Error{Kind: KindInvalid, Reason: `path ends in "." or ".."`}

// Remove removes the file or the empty directory at p; want is TypeFile or TypeDir. A
// directory is not removed by a path that ends in "." or "..": KindInvalid.
func (v *View) Remove(ctx context.Context, p Path, want Type) error {
	return v.change(ctx, Event{Op: "remove", Path: p}, PermDelete, func(b Backend, inner Path) error {
		switch {
		case want == TypeFile:
			if err := v.wantFile(p); err != nil {
				return err
			}
		case v.Fixed(p):
			return NewError(KindPermission, errors.New("mount points and homes stay"))
		case p.EndsInDots():
			return errDots
		}
		return b.Remove(ctx, inner, want)
	})
}

// SetModTime sets the modification time of the entry at p, as Backend.SetModTime does. It
// changes an existing entry, so the user needs PermOverwrite too; the time of a new file is
// part of its Commit. A path that can only name a directory costs one Stat more, and is
// KindNotDir when a file is there.
func (v *View) SetModTime(ctx context.Context, p Path, t time.Time) error {
	return v.change(ctx, Event{Op: "settime", Path: p}, PermWrite|PermOverwrite, func(b Backend, inner Path) error {
		switch {
		case v.Fixed(p):
			return NewError(KindIsDir, nil)
		case p.OnlyDir():
			// TypeAny, because SetModTime would set the time of the file where a store
			// holds a file and a directory of one name.
			info, err := b.Stat(ctx, inner, TypeAny)
			if err != nil {
				return err
			}
			if !info.IsDir() {
				return NewError(KindNotDir, nil)
			}
		}
		return b.SetModTime(ctx, inner, t)
	})
}

// Rename moves from to to, on one mount. Without PermOverwrite it replaces nothing. When
// either path can only name a directory, a file is not moved: KindNotDir. Neither path may
// end in "." or "..": KindInvalid.
func (v *View) Rename(ctx context.Context, from, to Path, o RenameOptions) error {
	return v.change(ctx, Event{Op: "rename", Path: from, To: to}, PermRename, func(b Backend, inner Path) error {
		source, _, _ := v.mount(from)
		target, innerTo, ok := v.mount(to)
		switch {
		case v.Fixed(from):
			return NewError(KindPermission, errors.New("mount points and homes stay"))
		case v.Fixed(to):
			return NewError(KindExist, nil)
		case from.EndsInDots(), to.EndsInDots():
			return errDots
		case !ok || target != source:
			return NewError(KindCrossMount, nil)
		}
		if !v.may(PermOverwrite) {
			o.NoReplace = true
		}
		if o.WantDir = o.WantDir || from.OnlyDir() || to.OnlyDir(); o.WantDir && o.Version != "" {
			return NewError(KindNotDir, errors.New("a directory has no version"))
		}
		if err := v.wantParent(ctx, target, to); err != nil {
			return err
		}
		return b.Rename(ctx, inner, innerTo, o)
	})
}

// change runs one operation that changes the store at e.Path.
func (v *View) change(ctx context.Context, e Event, want Permission, op func(b Backend, inner Path) error) error {
	start := time.Now()
	m, inner, err := v.writable(e.Path, want)
	if err == nil {
		err = op(m.Backend, inner)
	}
	e.Err = err
	return v.done(ctx, e, start)
}
