package vfs

import (
	"context"
	"errors"
	"time"
)

// Mkdir makes the directory p.
func (v *View) Mkdir(ctx context.Context, p Path) error {
	return v.change(ctx, Event{Op: "mkdir", Path: p}, TypeDir, PermMkdir, func(ctx context.Context, b Backend, inner Path) error {
		if v.Fixed(p) {
			return NewError(KindExist, nil)
		}
		if err := v.names.entry(p); err != nil {
			return err
		}
		m, _, _ := v.mount(p)
		if err := v.wantParent(ctx, m, p); err != nil {
			return err
		}
		return v.asking(ctx, b, func(ctx context.Context) error { return b.Mkdir(ctx, inner) })
	})
}

// errDots refuses to remove or rename a directory by "." or "..", which is not its name in
// its parent.
var errDots = &Error{Kind: KindInvalid, Reason: `path ends in "." or ".."`}

// Remove removes the file or the empty directory at p; want is TypeFile or TypeDir. A
// directory is not removed if the path ends in "." or ".." (KindInvalid), or if a place below
// it has fewer rights (KindPermission).
func (v *View) Remove(ctx context.Context, p Path, want Type) error {
	return v.change(ctx, Event{Op: "remove", Path: p}, want, PermDelete, func(ctx context.Context, b Backend, inner Path) error {
		switch {
		case want == TypeFile:
			if err := v.wantFile(p); err != nil {
				return err
			}
		case v.Fixed(p):
			return NewError(KindPermission, errors.New("mount points and homes stay"))
		case p.EndsInDots():
			return errDots
		default:
			if err := v.rights.whole(p); err != nil {
				return err
			}
		}
		return v.asking(ctx, b, func(ctx context.Context) error { return b.Remove(ctx, inner, want) })
	})
}

// SetModTime sets the modification time of the entry at p, as Backend.SetModTime does. It
// changes an existing entry, so the user needs PermOverwrite too; the time of a new file is
// part of its Commit. A path that can only name a directory costs one Stat more, and is
// KindNotDir when a file is there.
func (v *View) SetModTime(ctx context.Context, p Path, t time.Time) error {
	return v.change(ctx, Event{Op: "settime", Path: p}, TypeAny, PermWrite|PermOverwrite, func(ctx context.Context, b Backend, inner Path) error {
		if v.Fixed(p) {
			return NewError(KindIsDir, nil)
		}
		return v.asking(ctx, b, func(ctx context.Context) error {
			if p.OnlyDir() {
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
	})
}

// Rename moves the entry at from to the path to, on one mount. Without PermOverwrite at to it
// replaces nothing. The user needs PermRename at both paths, and also PermWrite at to where the
// rights at the two paths differ. A rename gives the user no right to the content that was
// missing before. A directory is not moved if a place below it has fewer rights. If either path
// can only name a directory, a file is not moved: KindNotDir. Neither path may end in "." or
// "..": KindInvalid.
func (v *View) Rename(ctx context.Context, from, to Path, o RenameOptions) error {
	return v.change(ctx, Event{Op: "rename", Path: from, To: to}, TypeAny, PermRename, func(ctx context.Context, b Backend, inner Path) error {
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
		if err := v.rights.move(from, to); err != nil {
			return err
		}
		if v.rights.at(to)&PermOverwrite == 0 {
			o.NoReplace = true
		}
		if o.WantDir = o.WantDir || from.OnlyDir() || to.OnlyDir(); o.WantDir && o.Version != "" {
			return NewError(KindNotDir, errors.New("a directory has no version"))
		}
		if err := v.mayRename(ctx, b, inner, to, &o); err != nil {
			return err
		}
		if err := v.wantParent(ctx, target, to); err != nil {
			return err
		}
		return v.asking(ctx, b, func(ctx context.Context) error { return b.Rename(ctx, inner, innerTo, o) })
	})
}

// mayRename checks the name that the entry at inner gets. Only the names of files have to
// match allow_names: where to does not, the entry must be a directory, which costs a Stat.
func (v *View) mayRename(ctx context.Context, b Backend, inner, to Path, o *RenameOptions) error {
	if o.WantDir {
		return v.names.entry(to)
	}
	refusal := v.names.file(to)
	if refusal == nil || v.names.entry(to) != nil {
		return refusal
	}
	var info Info
	err := v.asking(ctx, b, func(ctx context.Context) (err error) {
		info, err = b.Stat(ctx, inner, TypeAny)
		return err
	})
	switch {
	case err != nil:
		return err
	case !info.IsDir() || o.Version != "":
		return refusal
	}
	o.WantDir = true // the entry could have become a file by now
	return nil
}

// change runs one operation that changes the store at e.Path. of is the type of the entry that
// the operation makes, changes or removes there.
func (v *View) change(ctx context.Context, e Event, of Type, want Permission, op func(ctx context.Context, b Backend, inner Path) error) error {
	start := time.Now()
	ctx = v.enter(ctx, e)
	m, inner, err := v.writable(e.Path, want)
	if err == nil {
		var noting context.Context
		noting, e.Receipt = withReceipt(ctx, of)
		err = op(noting, m.Backend, inner)
	}
	e.Err = err
	return v.done(ctx, e, start)
}
