package rclone

import (
	"context"
	"errors"
	"strings"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// Stat looks for a file first. Where the store does not report a directory in the same
// answer, it then lists the beginning of the directory.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	remote, err := b.begin(ctx, p)
	if err != nil {
		return vfs.Info{}, err
	}
	if want != vfs.TypeDir || b.facts.reportsDirs {
		object, err := b.find(ctx, remote)
		switch {
		case err == nil && want == vfs.TypeDir:
			return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
		case err == nil:
			return b.infoOf(ctx, object), nil
		case vfs.KindOf(err) == vfs.KindIsDir && want == vfs.TypeFile:
			return vfs.Info{}, err
		case vfs.KindOf(err) == vfs.KindIsDir:
			return vfs.Info{Name: p.Base(), Type: vfs.TypeDir}, nil
		case vfs.KindOf(err) != vfs.KindNotExist || want == vfs.TypeFile:
			return vfs.Info{}, err
		}
	}
	if err := b.findDir(ctx, remote); err != nil {
		if vfs.KindOf(err) == vfs.KindNotExist && want == vfs.TypeDir {
			if _, fileErr := b.find(ctx, remote); fileErr == nil {
				err = vfs.NewError(vfs.KindNotDir, err)
			}
		}
		return vfs.Info{}, err
	}
	return vfs.Info{Name: p.Base(), Type: vfs.TypeDir}, nil
}

// begin starts an operation: it refuses reserved names and ended contexts. Many stores do
// not check the context in fast operations.
func (b *Backend) begin(ctx context.Context, p vfs.Path) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", vfs.NewError(vfs.KindCanceled, err)
	}
	return b.facts.remoteOf(p)
}

// find returns the file at remote. The error is of KindIsDir when the store reports a
// directory, and otherwise of KindNotExist, also for a link or a device.
func (b *Backend) find(ctx context.Context, remote string) (fs.Object, error) {
	if remote == "" {
		return nil, vfs.NewError(vfs.KindIsDir, nil)
	}
	if err := b.confine(ctx, remote); err != nil {
		return nil, err
	}
	object, err := b.newObject(b.with(ctx), remote)
	if err != nil {
		if b.isBelowFile(ctx, remote, err) {
			err = vfs.NewError(vfs.KindNotExist, err)
		}
		return nil, b.mapError(err)
	}
	if !object.Storable() {
		return nil, vfs.NewError(vfs.KindNotExist, errors.New("not a regular file"))
	}
	return object, nil
}

// isBelowFile reports whether the cause of err is that a parent of remote is a file. Some
// SFTP servers report only a failure.
func (b *Backend) isBelowFile(ctx context.Context, remote string, err error) bool {
	switch vfs.KindOf(mapError(err)) {
	case vfs.KindNotDir:
		return true
	case vfs.KindInternal:
		for dir := parentOf(remote); b.facts.reportsDirs && dir != ""; dir = parentOf(dir) {
			if _, err := b.newObject(b.with(ctx), dir); err == nil {
				return true
			}
		}
	}
	return false
}

// confine refuses a path that leads through a symbolic link, with KindNotExist because
// links are not shown. The check precedes the operation, so it does not protect against
// another program that creates links in the store; clients cannot.
func (b *Backend) confine(ctx context.Context, remote string) error {
	if !b.facts.followsLinks {
		return nil
	}
	for i, c := range remote {
		if c != '/' {
			continue
		}
		object, err := b.newObject(b.with(ctx), remote[:i])
		if errors.Is(err, fs.ErrorObjectNotFound) {
			return nil
		}
		if err == nil && !object.Storable() {
			return vfs.NewError(vfs.KindNotExist, errors.New("leads through a link"))
		}
	}
	return nil
}

// findDir returns nil when the directory at remote exists and an error of
// KindNotExist when it does not.
func (b *Backend) findDir(ctx context.Context, remote string) error {
	if remote == "" {
		return nil
	}
	if b.facts.reportsDirs {
		switch _, err := b.find(ctx, remote); {
		case err == nil:
			return vfs.NewError(vfs.KindNotExist, errors.New("is a file"))
		case vfs.KindOf(err) == vfs.KindIsDir:
			return nil
		default:
			return err
		}
	}
	seen, err := b.peek(ctx, remote)
	switch {
	case err != nil && vfs.KindOf(mapError(err)) == vfs.KindNotDir:
		return vfs.NewError(vfs.KindNotExist, err)
	case err != nil:
		return b.mapError(err)
	case !seen.any && !b.keepsDirs():
		return vfs.NewError(vfs.KindNotExist, nil)
	}
	return nil
}

// findAny reports what is at remote: TypeFile, TypeDir, or TypeAny for nothing.
func (b *Backend) findAny(ctx context.Context, remote string) (vfs.Type, error) {
	_, err := b.find(ctx, remote)
	switch {
	case err == nil:
		return vfs.TypeFile, nil
	case vfs.KindOf(err) == vfs.KindIsDir:
		return vfs.TypeDir, nil
	case vfs.KindOf(err) != vfs.KindNotExist:
		return vfs.TypeAny, err
	case b.facts.reportsDirs:
		return vfs.TypeAny, nil
	}
	switch err := b.findDir(ctx, remote); {
	case err == nil:
		return vfs.TypeDir, nil
	case vfs.KindOf(err) != vfs.KindNotExist:
		return vfs.TypeAny, err
	}
	return vfs.TypeAny, nil
}

func (b *Backend) infoOf(ctx context.Context, entry fs.DirEntry) vfs.Info {
	info := vfs.Info{Name: baseOf(strings.TrimSuffix(entry.Remote(), "/")), Type: vfs.TypeDir}
	if object, ok := entry.(fs.Object); ok {
		info.Type = vfs.TypeFile
		// Some stores generate a file when it is read and return -1 as its size.
		info.Size = max(0, object.Size())
	}
	if modTime := entry.ModTime(b.with(ctx)); modTime.Year() > 1 {
		info.ModTime = modTime
	}
	return info
}
