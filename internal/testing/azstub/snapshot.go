package azstub

import (
	"net/http"
	"slices"
	"time"
)

// snapshotFormat is how the service writes the time that names a snapshot.
const snapshotFormat = "2006-01-02T15:04:05.0000000Z"

// snapshotBlob is Snapshot Blob.
func (c *call) snapshotBlob() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	md, err := c.metadata()
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	if err := cond.write(v); err != nil {
		return nil, err
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, err
	}
	if v.tier == "Archive" {
		return nil, errBlobArchived
	}
	kept := b.change()
	if md != nil {
		kept.metadata = md
		s.stamp(kept)
	}
	id := s.snapshotTime(b)
	b.snapshots = append(b.snapshots, snapshot{id, kept})
	ans := reply(http.StatusCreated)
	setVersion(ans.header, kept)
	ans.header.Set("x-ms-snapshot", id)
	return ans, nil
}

// snapshotTime names the next snapshot of b: the present, or just after the
// last one.
func (s *Server) snapshotTime(b *blob) string {
	now := s.clock().UTC().Truncate(100 * time.Nanosecond)
	if n := len(b.snapshots); n > 0 {
		if last, err := time.Parse(snapshotFormat, b.snapshots[n-1].id); err == nil && !now.After(last) {
			now = last.Add(100 * time.Nanosecond)
		}
	}
	return now.Format(snapshotFormat)
}

// deleteSnapshot removes one snapshot. The caller holds srv.mu.
func (c *call) deleteSnapshot(ctr *container, id string) error {
	b := ctr.blob(c.target.blob)
	if b == nil {
		return errBlobNotFound
	}
	if err := b.protected(); err != nil {
		return err
	}
	i := slices.IndexFunc(b.snapshots, func(s snapshot) bool { return s.id == id })
	if i < 0 {
		return errBlobNotFound
	}
	b.snapshots = slices.Delete(slices.Clone(b.snapshots), i, i+1)
	return nil
}
