package azstub

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// CopyRequest is a Copy Blob that is about to begin.
type CopyRequest struct {
	SourceContainer, SourceBlob string
	Container, Blob             string
}

// CopyPlan says how a Copy Blob continues. The zero plan succeeds at once, as
// copies within an account do in practice.
type CopyPlan struct {
	// Polls is how many Get Blob Properties of the destination find the copy
	// pending; negative is all of them.
	Polls int
	// Fail makes the copy fail when it is no longer pending.
	Fail bool
}

// SetCopyPlan asks plan about every Copy Blob that comes from now on; nil lets
// all succeed at once. It must not call the server.
func (s *Server) SetCopyPlan(plan func(CopyRequest) CopyPlan) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.plan = plan
}

// copyState is the state of the copy that made a blob. Only polls and
// result, which no reader looks at, change.
type copyState struct {
	id, status, source string
	done, total        int64
	completed          time.Time
	description        string

	polls  int      // pending: how many more times
	result *version // pending: what the blob will be; nil when the copy fails
}

func (s *copyState) pending() bool { return s != nil && s.status == "pending" }

func (s *copyState) describe(h http.Header) {
	if s == nil {
		return
	}
	h.Set("x-ms-copy-id", s.id)
	h.Set("x-ms-copy-status", s.status)
	h.Set("x-ms-copy-source", s.source)
	h.Set("x-ms-copy-progress", fmt.Sprintf("%d/%d", s.done, s.total))
	set(h, "x-ms-copy-status-description", s.description)
	if !s.completed.IsZero() {
		h.Set("x-ms-copy-completion-time", s.completed.Format(http.TimeFormat))
	}
}

func (s *copyState) render(b *bytes.Buffer) {
	if s == nil {
		return
	}
	element(b, "CopyId", s.id)
	element(b, "CopyStatus", s.status)
	element(b, "CopySource", s.source)
	element(b, "CopyProgress", fmt.Sprintf("%d/%d", s.done, s.total))
	element(b, "CopyStatusDescription", s.description)
	if !s.completed.IsZero() {
		element(b, "CopyCompletionTime", s.completed.Format(http.TimeFormat))
	}
}

// ended is the state after the copy with the given outcome.
func (s *copyState) ended(status string, now time.Time) *copyState {
	e := &copyState{id: s.id, source: s.source, status: status, total: s.total, completed: now}
	if status == "success" {
		e.done = e.total
	} else {
		e.description = "500 InternalServerError \"Copy " + status + ".\""
	}
	return e
}

// poll advances a pending copy by one look at it. The caller holds s.mu.
func (s *Server) poll(b *blob) *version {
	v := b.current
	if !v.copied.pending() {
		return v
	}
	st := v.copied
	if st.polls != 0 {
		st.polls--
		return v
	}
	if st.result != nil {
		v = st.result
		v.copied = st.ended("success", s.now())
	} else {
		v = b.change() // the empty blob that the copy began with stays
		v.copied = st.ended("failed", s.now())
	}
	b.current = s.stamp(v)
	return v
}

// source finds what a copy reads. The caller holds srv.mu.
func (c *call) source() (target, *version, error) {
	u, err := url.Parse(c.http.Header.Get("x-ms-copy-source"))
	if err != nil {
		return target{}, nil, errInvalidHeaderValue
	}
	t, err := parseTarget(u.EscapedPath())
	if err != nil {
		return t, nil, errInvalidHeaderValue
	}
	if t.account != c.srv.opts.Account {
		return t, nil, errCannotVerifyCopySource // no other account exists
	}
	cond, err := conditionsOf(c.http.Header, "x-ms-source-")
	if err != nil {
		return t, nil, err
	}
	_, v, err := c.srv.version(t, u.Query().Get("snapshot"))
	switch {
	case err != nil:
		return t, nil, err
	case cond.write(v) != nil:
		return t, nil, errSourceConditionNotMet
	}
	return t, v, nil
}

// copyBlob is Copy Blob.
func (c *call) copyBlob() (*answer, error) {
	return c.copyTo(true)
}

// copyFromURL is Copy Blob From URL, which is over when it is answered.
func (c *call) copyFromURL() (*answer, error) {
	return c.copyTo(false)
}

func (c *call) copyTo(async bool) (*answer, error) {
	s, h := c.srv, c.http.Header
	made, err := c.newVersion()
	if err != nil {
		return nil, err
	}
	cond, err := conditionsOf(h, "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, src, err := c.source()
	if err != nil {
		return nil, err
	}
	switch {
	case src.directory:
		return nil, errOnDirectory
	case src.tier == "Archive" && made.tier == "":
		return nil, errBlobArchived
	case !async && src.content.size > s.opts.Limits.SyncCopySize:
		return nil, errRequestBodyTooLarge
	}
	ctr, err := c.destination(cond, src.blobType)
	if err != nil {
		return nil, err
	}
	result := *src
	result.origin = OriginBlob
	result.tier, result.tierChanged, result.created = made.tier, s.now(), time.Time{}
	result.tags = made.tags // those of the source do not come along
	if made.metadata != nil {
		result.metadata = made.metadata
	}
	if !async {
		result.blocks = nil
	}
	st := &copyState{status: "success", source: h.Get("x-ms-copy-source"), total: src.content.size}
	s.writes++
	st.id = fmt.Sprintf("00000000-0000-4000-9000-%012x", s.writes)
	v := &result
	if plan := c.copyPlan(from, async); plan != (CopyPlan{}) {
		st.status, st.polls = "pending", plan.Polls
		if !plan.Fail {
			st.result = &result
		}
		// Until a copy is complete its destination is an empty blob.
		v = &version{blobType: src.blobType, headers: result.headers, metadata: result.metadata, tags: result.tags, copied: st}
	} else {
		v.copied = st.ended("success", s.now())
	}
	if err := s.put(ctr, c.target.blob, c.caller(), v); err != nil {
		return nil, err
	}
	if st.result != nil {
		st.result.created = v.created
		if st.result.tier == "" {
			st.result.tier, st.result.tierChanged = v.tier, v.tierChanged
		}
	}
	ans := reply(http.StatusAccepted)
	setVersion(ans.header, v)
	ans.header.Set("x-ms-copy-id", st.id)
	ans.header.Set("x-ms-copy-status", st.status)
	if md5 := src.headers.ContentMD5; !async && md5 != nil {
		ans.header.Set("Content-MD5", base64.StdEncoding.EncodeToString(md5))
	}
	return ans, nil
}

func (c *call) copyPlan(from target, async bool) CopyPlan {
	if !async || c.srv.plan == nil {
		return CopyPlan{}
	}
	return c.srv.plan(CopyRequest{from.container, from.blob, c.target.container, c.target.blob})
}

// destination finds the container for a copy of a blob of the given type, which may replace
// what is there.
func (c *call) destination(cond conditions, blobType string) (*container, error) {
	ctr, err := c.srv.container(c.target.container)
	if err != nil {
		return nil, err
	}
	b := ctr.blob(c.target.blob)
	if b == nil {
		b = &blob{}
	}
	if err := cond.create(b.current, false); errors.Is(err, errConditionNotMet) {
		return nil, errTargetConditionNotMet
	} else if err != nil {
		return nil, err
	}
	if err := c.mayReplace(b, blobType); err != nil {
		return nil, err
	}
	return ctr, nil
}

// abortCopy is Abort Copy Blob; the destination stays as an empty blob.
func (c *call) abortCopy() (*answer, error) {
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	b, v, err := s.version(c.target, "")
	if err != nil {
		return nil, err
	}
	switch {
	case c.http.Header.Get("x-ms-copy-action") != "abort":
		return nil, errMissingHeader
	case !v.copied.pending():
		return nil, errNoPendingCopy
	case v.copied.id != c.query.Get("copyid"):
		return nil, errCopyIDMismatch
	}
	if err := c.leaseNeeded(b); err != nil {
		return nil, err
	}
	v = b.change()
	v.copied = v.copied.ended("aborted", s.now())
	b.current = s.stamp(v)
	return reply(http.StatusNoContent), nil
}
