package sftp

import (
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// maxLooking is how many requests about names a connection may have at the store at
// once. A client that has asked for many waits for the store a few times, and a
// store of 20 ms answers 1,600 a second.
const maxLooking = 32

// nameQueue answers the requests that are not about a handle: each as soon as its
// turn has come, so that those that only look run side by side.
type nameQueue struct {
	s *session

	mu      sync.Mutex
	empty   sync.Cond
	waiting []request
	// workers are the goroutines that answer.
	workers int
}

func (q *nameQueue) init(s *session) {
	q.s = s
	q.empty.L = &q.mu
}

// add lets the queue answer one more request. It waits while too many wait.
func (q *nameQueue) add(r request) {
	q.s.backlog.enter(r.cost())
	r.parsePaths(q.s.conn.view.Home())
	r.turn = q.s.order.begin(classOf(&r.Request), r.paths...)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, r)
	if q.workers < maxLooking {
		q.workers++
		q.s.answering.Go(q.run)
	}
}

// settle waits until all is answered.
func (q *nameQueue) settle() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.workers > 0 {
		q.empty.Wait()
	}
}

func (q *nameQueue) run() {
	for r, ok := q.next(); ok; r, ok = q.next() {
		q.answer(&r)
	}
}

// next takes the request that came first. All that it might wait for was taken
// before.
func (q *nameQueue) next() (r request, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.waiting = nil
		q.workers--
		q.empty.Broadcast()
		return request{}, false
	}
	r, q.waiting[0] = q.waiting[0], request{}
	q.waiting = q.waiting[1:]
	return r, true
}

func (q *nameQueue) answer(r *request) {
	s := q.s
	defer s.backlog.leave(r.cost())
	r.turn.await()
	defer s.order.end(r.turn)
	s.conn.atStore <- struct{}{}
	defer func() { <-s.conn.atStore }()
	if s.looking.Err() != nil { // nobody waits for the answer
		s.conn.moved(-1)
		return
	}
	reply := s.guard(r.ID, func() []byte { return s.answerName(r) })
	_ = s.out.send(reply, 1)
}

// answerName answers a request that is not about a handle.
func (s *session) answerName(r *request) []byte {
	reply, err := s.askName(r)
	if err != nil || reply == nil {
		return status(r.ID, err)
	}
	return reply
}

// askName returns nil when there is nothing to say but OK.
func (s *session) askName(r *request) ([]byte, error) {
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
// whichever way the store says so: OpenSSH's server tells clients
// that there is no such file, and they take a FAILURE for a fault.
func (s *session) stat(p vfs.Path) (vfs.Info, error) {
	if f := s.handles.lookup(p); f != nil {
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

// settable returns why the attributes of a SETSTAT cannot be set at a path, whatever
// is there. Modes and owners are accepted and not kept, so that copying programs do
// not fail for them, but for a user who may change nothing they are refused like times.
func (s *session) settable(p vfs.Path, r *request) error {
	switch {
	case r.AttributesErr != nil:
		return vfs.NewError(vfs.KindInvalid, r.AttributesErr)
	case s.conn.srv.o.RefuseAttributes && r.Attributes.Flags&(wire.AttrMode|wire.AttrOwner) != 0:
		return unsupported("modes and owners are not kept")
	case s.conn.view.Allowed(p)&(vfs.PermWrite|vfs.PermMkdir) == 0:
		return vfs.NewError(vfs.KindPermission, nil)
	}
	return nil
}

// setstat sets times. A size is that of an upload, or truncates a file to nothing.
func (s *session) setstat(p vfs.Path, r *request) error {
	if err := s.settable(p, r); err != nil {
		return err
	}
	if f := s.handles.lookup(p); f != nil && f.up != nil {
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

// setTimes sets the times of a file, and of a directory that has one. Where the
// store refuses that, nothing is set of a directory: clients that copy a tree would
// fail for it. The store is asked for one only when it has found no file.
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

// attrsPacket is an ATTRS (draft 02, 7).
func attrsPacket(id uint32, i vfs.Info) []byte {
	return wire.BeginReply(wire.TypeAttrs, id, 64).Attributes(attributesOf(i)).Framed()
}

// namePacket is the NAME that answers REALPATH: its attributes say nothing
// (draft 02, 6.11).
func namePacket(id uint32, p vfs.Path) []byte {
	name := p.String()
	return wire.BeginReply(wire.TypeName, id, 64+2*len(name)).Uint32(1).Text(name).Text(name).Uint32(0).Framed()
}

// handlePacket is a HANDLE (draft 02, 7).
func handlePacket(id uint32, name string) []byte {
	return wire.BeginReply(wire.TypeHandle, id, 32).Text(name).Framed()
}
