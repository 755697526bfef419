package sftp

import (
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// answerName answers a request that is not about a handle.
func (s *session) answerName(r *request) []byte {
	reply, err := s.askName(r)
	if err != nil || reply == nil {
		var p vfs.Path
		if len(r.paths) > 0 {
			p = r.paths[0]
		}
		return s.answerTo(r, p, err)
	}
	return reply
}

// askName returns nil when there is nothing to say but OK.
func (s *session) askName(r *request) ([]byte, error) {
	if err := s.permits(r); err != nil {
		return nil, err
	}
	switch r.Type {
	case wire.TypeOpen, wire.TypeLstat, wire.TypeStat, wire.TypeSetstat, wire.TypeOpendir, wire.TypeRemove, wire.TypeMkdir, wire.TypeRmdir, wire.TypeRealpath, wire.TypeRename:
	case wire.TypeReadlink, wire.TypeSymlink:
		return nil, unsupported("there are no links here")
	case wire.TypeExtended:
		return s.askExtended(r)
	default:
		return nil, unsupported("there is no such request")
	}
	if r.pathErr != nil {
		return nil, r.pathErr
	}
	p := r.paths[0]
	switch r.Type {
	case wire.TypeOpen:
		return s.openFile(r.ID, p, r.Flags)
	case wire.TypeOpendir:
		return s.openDir(r.ID, p)
	case wire.TypeStat, wire.TypeLstat: // there are no links
		info, err := s.stat(p)
		return attrsPacket(r.ID, info), err
	case wire.TypeRealpath:
		return namePacket(r.ID, p), nil
	case wire.TypeSetstat:
		return nil, s.setstat(p, r)
	case wire.TypeMkdir:
		return nil, s.conn.view.Mkdir(s.conn.ctx, p)
	case wire.TypeRmdir:
		return nil, s.conn.view.Remove(s.conn.ctx, p, vfs.TypeDir)
	case wire.TypeRemove:
		return nil, s.conn.view.Remove(s.conn.ctx, p, vfs.TypeFile)
	default:
		// In version 3 a rename onto a file fails (draft 02, 6.5).
		return nil, s.conn.view.Rename(s.conn.ctx, p, r.paths[1], vfs.RenameOptions{NoReplace: true})
	}
}

// stat answers for an upload that this session has open from what it is by now:
// sshfs asks for the file that it has just begun. Below a file there is nothing,
// whichever way the store says so: OpenSSH's server answers
// NO_SUCH_FILE, and clients take a FAILURE for a fault.
func (s *session) stat(p vfs.Path) (vfs.Info, error) {
	if f := s.openAt(p); f != nil {
		if info, changed, err := f.pending(); changed && err == nil {
			return info, nil
		}
	}
	info, err := s.conn.view.Stat(s.looking, p, vfs.TypeAny)
	if vfs.KindOf(err) == vfs.KindNotDir {
		err = &vfs.Error{Kind: vfs.KindNotExist, Reason: vfs.ReasonOf(err), Err: err}
	}
	return info, err
}
