package azstub

import (
	"net/http"
	"strconv"
)

// appendFile is Path - Update with action=append: the bytes are kept until a flush.
func (c *call) appendFile() (*answer, error) {
	position, err := strconv.ParseInt(c.query.Get("position"), 10, 64)
	if err != nil || position < 0 {
		return nil, errInvalidQuery
	}
	body, err := c.receive(c.srv.opts.Limits.BlockSize, false)
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	_, b, err := c.file()
	if err != nil {
		return nil, err
	}
	if position != b.current.content.size+b.appended.size {
		return nil, errInvalidFlushPosition // the service takes them in any order
	}
	b.appended = join([]block{{content: b.appended}, {content: body.content}})
	ans := reply(http.StatusAccepted)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	setSums(ans.header, body)
	return ans, nil
}

// flushFile is Path - Update with action=flush: what was appended becomes content.
func (c *call) flushFile() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	position, err := strconv.ParseInt(c.query.Get("position"), 10, 64)
	if err != nil || position < 0 {
		return nil, errInvalidQuery
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	_, b, err := c.file()
	if err != nil {
		return nil, err
	}
	switch {
	case cond.write(b.current) != nil:
		return nil, errConditionNotMet
	case b.current.origin != OriginDFS:
		return nil, errInvalidFlushOperation
	case position != b.current.content.size+b.appended.size:
		return nil, errInvalidFlushPosition
	}
	v := b.change()
	v.content = join([]block{{content: v.content}, {content: b.appended}})
	v.headers.ContentMD5 = nil
	b.current, b.appended = s.stamp(v), content{}
	ans := reply(http.StatusOK)
	setVersion(ans.header, v)
	return ans, nil
}

// file finds the file that a request writes. The caller holds srv.mu.
func (c *call) file() (*container, *blob, error) {
	ctr, b, err := c.path()
	if err != nil {
		return nil, nil, err
	}
	if b.current.directory {
		return nil, nil, errResourceTypeMismatch
	}
	return ctr, b, c.mayChange(b)
}

// setAccess is Path - Update with action=setAccessControl, which changes neither ETag nor
// Last-Modified.
func (c *call) setAccess() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	_, b, err := c.path()
	if err != nil {
		return nil, err
	}
	if err := cond.write(b.current); err != nil {
		return nil, err
	}
	changed, err := b.access.changed(c.http.Header)
	if err != nil {
		return nil, err
	}
	b.access = changed
	ans := reply(http.StatusOK)
	setVersion(ans.header, b.current)
	ans.header.Set("x-ms-namespace-enabled", "true")
	return ans, nil
}
