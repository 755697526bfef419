package sftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// settable returns why the attributes of a SETSTAT cannot be set at a path, whatever
// is there. Modes and owners are accepted and not kept, so that copying programs do
// not fail for them, but for a user who may change nothing they are refused like times.
func (s *session) settable(p vfs.Path, r *request) error {
	switch {
	case r.AttributesErr != nil:
		return vfs.NewError(vfs.KindInvalid, r.AttributesErr)
	case s.conn.settings.RefuseAttributes && r.Attributes.Flags&(wire.AttrMode|wire.AttrOwner) != 0:
		return &refusal{&vfs.Error{Kind: vfs.KindUnsupported, Reason: "modes and owners are not kept"}, "attributes_not_kept", `attributes = "ignore"`}
	case s.conn.view.Allowed(p)&(vfs.PermWrite|vfs.PermMkdir) == 0:
		return &refusal{&vfs.Error{Kind: vfs.KindPermission}, missingRight, "allow"}
	}
	return nil
}

// setstat sets times. A size is that of an upload, or truncates a file to nothing.
func (s *session) setstat(p vfs.Path, r *request) error {
	if err := s.settable(p, r); err != nil {
		return err
	}
	if f := s.openAt(p); f != nil && f.up != nil {
		return f.up.setstat(r.Attributes)
	}
	switch r.Attributes.Flags & (wire.AttrSize | wire.AttrTimes) {
	case wire.AttrTimes:
		return s.setTimes(p, r.Attributes.ModTime)
	case wire.AttrSize, wire.AttrSize | wire.AttrTimes:
		return s.setSize(p, r.Attributes)
	}
	_, err := s.conn.view.Stat(s.looking, p, vfs.TypeAny)
	return err
}

// setSize sets the size of a stored file.
func (s *session) setSize(p vfs.Path, a wire.Attributes) error {
	info, err := s.conn.view.Stat(s.looking, p, vfs.TypeAny)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	if uint64(info.Size) != a.Size {
		if err := s.truncate(p, a.Size); err != nil {
			return err
		}
	}
	if a.Flags&wire.AttrTimes == 0 {
		return nil
	}
	return s.conn.view.SetModTime(s.conn.ctx, p, a.ModTime)
}

// setTimes sets the time of a file or a directory. If that is refused for a directory, setTimes
// succeeds and sets nothing: otherwise programs that copy a tree would fail. It asks the store
// whether there is a directory only after a refusal.
func (s *session) setTimes(p vfs.Path, t time.Time) error {
	err := s.conn.view.SetModTime(s.conn.ctx, p, t)
	want := vfs.TypeAny
	switch vfs.KindOf(err) {
	case vfs.KindNotExist, vfs.KindIsDir:
		want = vfs.TypeDir
	case vfs.KindPermission, vfs.KindUnsupported:
	default:
		return err
	}
	if info, statErr := s.conn.view.Stat(s.looking, p, want); statErr == nil && info.IsDir() {
		return nil
	}
	return err
}

// truncate replaces a file by an empty one.
func (s *session) truncate(p vfs.Path, size uint64) error {
	if size != 0 {
		return unsupported("a stored file cannot be cut or extended")
	}
	w, err := s.conn.view.Create(s.conn.ctx, p, vfs.CreateOptions{})
	if err != nil {
		return err
	}
	defer w.Abort()
	_, err = w.Commit(s.conn.ctx, vfs.CommitOptions{})
	return err
}
