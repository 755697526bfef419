package azstub

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The Data Lake endpoint of an account with a hierarchical namespace: the operations of
// "Path" and "Filesystem" on the same entries, under the same lock.

// classifyDFS finds the operation of a request to the Data Lake endpoint.
func classifyDFS(method string, t target, q url.Values, h http.Header) Kind {
	resource := q.Get("resource")
	switch {
	case t.container == "":
	case method == http.MethodHead && resource == "filesystem":
		return HeadFilesystem
	case method == http.MethodHead:
		return HeadPath
	case t.blob == "":
	case method == http.MethodDelete:
		return DeletePath
	case method == http.MethodPatch:
		return classifyUpdate(q.Get("action"), h)
	case method != http.MethodPut:
	case h.Get("x-ms-rename-source") != "":
		return RenamePath
	case resource == "directory":
		return CreateDirectory
	case resource == "file":
		return CreateFile
	}
	return Unknown
}

func classifyUpdate(action string, h http.Header) Kind {
	switch action {
	case "append":
		return AppendFile
	case "flush":
		return FlushFile
	case "setAccessControl":
		if h.Get("x-ms-owner") != "" || h.Get("x-ms-group") != "" {
			return SetOwner
		}
		return SetAccess
	}
	return Unknown
}

// dfsErrorBody is the JSON that the Data Lake endpoint sends with a failure.
func dfsErrorBody(e *serviceError, requestID, now string) []byte {
	type failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	text, err := json.Marshal(map[string]failure{"error": {e.code, e.message + "\nRequestId:" + requestID + "\nTime:" + now}})
	if err != nil {
		return nil // strings can be written
	}
	return text
}

// filesystem finds the container of a request to the Data Lake endpoint. The caller holds
// srv.mu.
func (c *call) filesystem(name string) (*container, error) {
	ctr := c.srv.containers[name]
	if ctr == nil {
		return nil, errFilesystemNotFound
	}
	return ctr, nil
}

// path finds the entry that a request names. The caller holds srv.mu.
func (c *call) path() (*container, *blob, error) {
	ctr, err := c.filesystem(c.target.container)
	if err != nil {
		return nil, nil, err
	}
	b := ctr.node(c.target.blob)
	if b == nil {
		return ctr, nil, errPathNotFound
	}
	return ctr, b, nil
}

// headFilesystem is Filesystem - Get Properties.
func (c *call) headFilesystem() (*answer, error) {
	s := c.srv
	s.mu.RLock()
	defer s.mu.RUnlock()
	ctr, err := c.filesystem(c.target.container)
	if err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	ctr.describe(ans.header)
	ans.header.Set("x-ms-namespace-enabled", strconv.FormatBool(s.opts.HNS))
	ans.header.Set("x-ms-properties", propertiesOf(ctr.metadata))
	return ans, nil
}

// headPath is Path - Get Properties, of the root too.
func (c *call) headPath() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	action := c.query.Get("action")
	if action != "" && action != "getStatus" && action != "getAccessControl" {
		return nil, errInvalidQuery
	}
	s := c.srv
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, b, err := c.path()
	if err != nil {
		return nil, err
	}
	if err := cond.read(b.current); err != nil {
		return nil, err
	}
	if err := c.leaseGiven(b); err != nil {
		return nil, err
	}
	v := b.current
	ans := reply(http.StatusOK)
	setVersion(ans.header, v)
	b.describeAccess(ans.header, action == "getAccessControl" || c.showsACL())
	if action == "getAccessControl" {
		return ans, nil
	}
	ans.length = v.content.size
	set(ans.header, "Content-Type", v.headers.ContentType)
	ans.header.Set("x-ms-creation-time", v.created.Format(http.TimeFormat))
	ans.header.Set("x-ms-properties", propertiesOf(v.metadata))
	b.lease.describe(ans.header, s.clock())
	return ans, nil
}

// propertiesOf writes metadata in the form of the Data Lake endpoint: k=base64,k=base64.
func propertiesOf(md map[string]string) string {
	parts := make([]string, 0, len(md))
	for _, key := range slices.Sorted(maps.Keys(md)) {
		parts = append(parts, key+"="+base64.StdEncoding.EncodeToString([]byte(md[key])))
	}
	return strings.Join(parts, ",")
}

// properties reads x-ms-properties.
func (c *call) properties() (map[string]string, error) {
	text := c.http.Header.Get("x-ms-properties")
	if text == "" {
		return nil, nil
	}
	md := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		key, value, found := strings.Cut(part, "=")
		raw, err := base64.StdEncoding.DecodeString(value)
		if !found || err != nil || !identifier(key) {
			return nil, errInvalidHeaderValue
		}
		md[key] = string(raw)
	}
	return md, nil
}

// createDirectory is Path - Create with resource=directory.
func (c *call) createDirectory() (*answer, error) { return c.create(newDirectory()) }

// createFile is Path - Create with resource=file. The file is empty; what there was is
// replaced.
func (c *call) createFile() (*answer, error) {
	h := c.http.Header
	return c.create(&version{blobType: BlockBlob, origin: OriginDFS, headers: Headers{
		ContentType:        h.Get("x-ms-content-type"),
		ContentEncoding:    h.Get("x-ms-content-encoding"),
		ContentLanguage:    h.Get("x-ms-content-language"),
		ContentDisposition: h.Get("x-ms-content-disposition"),
		CacheControl:       h.Get("x-ms-cache-control"),
	}})
}

// create makes v the entry that the request names. The directories above it are made. A
// directory that is there already keeps its content and its ACL.
func (c *call) create(v *version) (*answer, error) {
	if c.http.ContentLength > 0 {
		return nil, errContentLengthNotZero
	}
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	if v.metadata, err = c.properties(); err != nil {
		return nil, err
	}
	if _, err := (access{}).changed(c.http.Header); err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, err := c.filesystem(c.target.container)
	if err != nil {
		return nil, err
	}
	old, kept := ctr.node(c.target.blob), access{}
	if old != nil {
		if err := cond.createPath(old.current); err != nil {
			return nil, err
		}
		if old.current.directory != v.directory {
			return nil, errPathConflict
		}
		if err := c.mayChange(old); err != nil {
			return nil, err
		}
		kept = old.access
	} else if err := cond.createPath(nil); err != nil {
		return nil, err
	}
	if err := s.put(ctr, c.target.blob, c.caller(), v); err != nil {
		return nil, err
	}
	b := ctr.node(c.target.blob)
	if old == nil || !v.directory {
		kept = b.access
	}
	if b.access, err = kept.changed(c.http.Header); err != nil {
		return nil, err
	}
	ans := reply(http.StatusCreated)
	setVersion(ans.header, v)
	ans.header.Set("x-ms-request-server-encrypted", "true")
	return ans, nil
}

// createPath is create with the code of the Data Lake endpoint.
func (c conditions) createPath(v *version) error {
	if c.noneMatch == "*" && v != nil {
		return errPathAlreadyExists
	}
	return c.write(v)
}

// mayChange reports whether the request may replace or remove an entry: lease and
// immutability. The caller holds srv.mu.
func (c *call) mayChange(b *blob) error {
	if c.http.Header.Get("x-ms-lease-id") == "" && b.lease.held(c.srv.clock()) {
		return errPathLeaseIDMissing
	}
	if b.immutable || b.legalHold {
		return errPathImmutable
	}
	return nil
}

// deletePath is Path - Delete. A directory that holds something is removed only when the
// request says so: at once, or, with paginated=true, as many entries at a time as a page has.
func (c *call) deletePath() (*answer, error) {
	cond, err := conditionsOf(c.http.Header, "")
	if err != nil {
		return nil, err
	}
	s := c.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	ctr, b, err := c.path()
	if err != nil {
		return nil, err
	}
	if err := cond.write(b.current); err != nil {
		return nil, err
	}
	if err := c.mayChange(b); err != nil {
		return nil, err
	}
	ans := reply(http.StatusOK)
	if !b.current.directory {
		ctr.drop(c.target.blob)
		return ans, nil
	}
	recursive, err := strconv.ParseBool(c.query.Get("recursive"))
	switch {
	case !c.query.Has("recursive"):
		return nil, errMissingQuery
	case err != nil:
		return nil, errInvalidQuery
	case b.children > 0 && !recursive:
		return nil, errDirectoryNotEmpty
	}
	names := append([]string{c.target.blob}, ctr.below(c.target.blob)...)
	for _, name := range names {
		if err := c.mayChange(ctr.node(name)); err != nil {
			return nil, err
		}
	}
	keep := 0
	if c.query.Get("paginated") == "true" {
		keep = max(len(names)-s.opts.Limits.Page, 0)
	}
	for _, name := range slices.Backward(names[keep:]) {
		ctr.drop(name)
	}
	if keep > 0 {
		ans.header.Set("x-ms-continuation", base64.StdEncoding.EncodeToString([]byte(names[keep-1])))
	}
	return ans, nil
}
