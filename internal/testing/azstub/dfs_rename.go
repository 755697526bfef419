package azstub

import (
	"net/http"
	"net/url"
	"strings"
)

// renamePath is Path - Create with a source: a file or a directory with all its content gets
// another name at once. The answer has neither ETag nor Last-Modified, as recorded answers of
// the service.
func (c *call) renamePath() (*answer, error) {
	h := c.http.Header
	if c.http.ContentLength > 0 {
		return nil, errContentLengthNotZero
	}
	source, err := c.renameSource()
	if err != nil {
		return nil, err
	}
	sourceCond, err := conditionsOf(h, "x-ms-source-")
	if err != nil {
		return nil, err
	}
	cond, err := conditionsOf(h, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	from, err := c.filesystem(source.container)
	if err != nil {
		return nil, err
	}
	to, err := c.filesystem(c.target.container)
	if err != nil {
		return nil, err
	}
	src := from.node(source.blob)
	switch {
	case src == nil:
		return nil, errSourcePathNotFound
	case sourceCond.write(src.current) != nil:
		return nil, errSourceConditionNotMet
	case src.lease.held(s.clock()) && h.Get("x-ms-source-lease-id") == "":
		return nil, errPathLeaseIDMissing
	case src.immutable || src.legalHold:
		return nil, errPathImmutable
	}
	target, err := c.renameTarget(to, source, src, cond)
	if err != nil {
		return nil, err
	}
	s.move(from, source.blob, to, target)
	return reply(http.StatusCreated), nil
}

// renameSource reads x-ms-rename-source: /filesystem/path, escaped as in a URL, with a
// signature of its own where the request has one.
func (c *call) renameSource() (target, error) {
	text := c.http.Header.Get("x-ms-rename-source")
	if strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }) >= 0 {
		return target{}, errInvalidSourceURI
	}
	path, query, _ := strings.Cut(text, "?")
	path, found := strings.CutPrefix(path, "/")
	if !found {
		return target{}, errInvalidSourceURI
	}
	if c.rec.Auth == SAS && c.srv.opts.Auth != NoAuth {
		signature, err := url.ParseQuery(query)
		if err != nil || !signature.Has("sig") {
			return target{}, errAuthenticationFailed
		}
		if err := checkSAS(signature); err != nil {
			return target{}, err
		}
	}
	t, err := parseTarget("/" + c.target.account + "/" + path)
	if t.blob = cleanPath(t.blob); err != nil || t.blob == "" {
		return target{}, errInvalidSourceURI
	}
	return t, nil
}

// renameTarget is the name that the entry gets. A file replaces a file. A directory whose new
// name is a directory already is moved into that one, unless the mode is "legacy": then it
// replaces an empty one.
func (c *call) renameTarget(to *container, source target, src *blob, cond conditions) (string, error) {
	name, same := c.target.blob, c.target.container == source.container
	parent, dst := to.node(parentOf(name)), to.node(name)
	var there *version
	if dst != nil {
		there = dst.current
	}
	switch {
	case parent == nil:
		return "", errRenameParentNotFound
	case !parent.isDirectory():
		return "", errInvalidDestinationPath
	case same && (name == source.blob || strings.HasPrefix(name, source.blob+"/")):
		return "", errInvalidRenameSource
	}
	if err := cond.createPath(there); err != nil || dst == nil {
		return name, err
	}
	if dst.current.directory != src.current.directory {
		return "", errResourceTypesDiffer
	}
	if dst.immutable || dst.legalHold {
		return "", errPathImmutable
	}
	if !dst.current.directory {
		return name, nil
	}
	if c.query.Get("mode") == "legacy" {
		if dst.children > 0 {
			return "", errDirectoryNotEmpty
		}
		return name, nil
	}
	name += "/" + baseOf(source.blob)
	switch {
	case to.node(name) != nil:
		return "", errPathAlreadyExists
	case same && strings.HasPrefix(name, source.blob+"/"):
		return "", errInvalidRenameSource
	}
	return name, nil
}
