package azstub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// call is one request while it is worked on.
type call struct {
	srv      *Server
	http     *http.Request
	w        http.ResponseWriter
	ctx      context.Context
	dfs      bool // sent to the Data Lake endpoint
	target   target
	query    url.Values
	rec      *Request
	effect   effect
	up, down stream
	in, out  int64 // bytes of the bodies so far
}

// answer is what an operation wants to be sent.
type answer struct {
	status int
	header http.Header
	body   content
	length int64 // announced for an answer to HEAD, which has no body
}

// reply is an answer without a body.
func reply(status int) *answer { return &answer{status: status, header: http.Header{}} }

// ServeHTTP makes Server an http.Handler: the Blob endpoint.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, false) }

// DFS is the handler of the Data Lake endpoint. Listen gives it a port of its own.
func (s *Server) DFS() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, true) })
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, dfs bool) {
	if !s.enter() {
		panic(http.ErrAbortHandler)
	}
	defer s.serving.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()

	c := &call{srv: s, http: r, w: w, ctx: ctx, dfs: dfs, query: r.URL.Query()}
	var err error
	c.target, err = s.parse(r.URL.EscapedPath())
	find := classify
	if dfs {
		find = classifyDFS
	}
	c.rec = &Request{
		Kind:      find(r.Method, c.target, c.query, r.Header),
		Container: c.target.container,
		Blob:      c.target.blob,
		Header:    r.Header,
		Query:     c.query,
		Auth:      schemeOf(r.Header, c.query),
		Start:     time.Now(),
	}
	s.journal.begin(c.rec)
	c.effect, c.up, c.down = s.rules.apply(c.rec)

	ans, err := c.perform(err)
	if errors.Is(err, errCut) {
		c.cut()
		return
	}
	if err != nil {
		ans = c.failure(err)
	}
	c.send(ans)
}

// perform does everything up to the answer. bad is what was wrong with the
// address already.
func (c *call) perform(bad error) (*answer, error) {
	if pause(c.ctx, c.effect.Latency) != nil {
		return nil, errCut
	}
	if err := c.strikeAt(beforeBody); err != nil {
		return nil, err
	}
	if bad != nil {
		return nil, bad
	}
	if c.target.account != c.srv.opts.Account {
		return nil, errResourceNotFound
	}
	if err := c.authenticate(); err != nil {
		return nil, err
	}
	if err := c.authorize(); err != nil {
		return nil, err
	}
	if err := c.srv.checkNames(c.target); err != nil {
		return nil, err
	}
	if err := c.unsupported(); err != nil {
		return nil, err
	}
	ans, err := c.operate()
	if errors.Is(err, errCut) {
		return nil, err
	}
	if err := c.strikeAt(afterWork); err != nil {
		return nil, err
	}
	return ans, err
}

// operate carries out the operation.
func (c *call) operate() (*answer, error) {
	ops := [numKinds]func(*call) (*answer, error){
		PutBlob:         (*call).putBlob,
		PutBlobFromURL:  (*call).putBlobFromURL,
		PutBlock:        (*call).putBlock,
		PutBlockFromURL: (*call).putBlockFromURL,
		PutBlockList:    (*call).putBlockList,
		GetBlockList:    (*call).getBlockList,
		GetBlob:         (*call).getBlob,
		HeadBlob:        (*call).headBlob,
		ListBlobs:       (*call).listBlobs,
		CopyBlob:        (*call).copyBlob,
		CopyFromURL:     (*call).copyFromURL,
		AbortCopy:       (*call).abortCopy,
		DeleteBlob:      (*call).deleteBlob,
		SetMetadata:     (*call).setMetadata,
		SetProperties:   (*call).setProperties,
		SetTier:         (*call).setTier,
		SnapshotBlob:    (*call).snapshotBlob,
		LeaseBlob:       (*call).leaseBlob,
		CreateContainer: (*call).createContainer,
		DeleteContainer: (*call).deleteContainer,
		GetContainer:    (*call).getContainer,
		ListContainers:  (*call).listContainers,
		AccountInfo:     (*call).accountInfo,
		BatchDelete:     (*call).batchDelete,
		GetTags:         (*call).getTags,
		SetTags:         (*call).setTags,
		CreateDirectory: (*call).createDirectory,
		CreateFile:      (*call).createFile,
		RenamePath:      (*call).renamePath,
		DeletePath:      (*call).deletePath,
		HeadPath:        (*call).headPath,
		HeadFilesystem:  (*call).headFilesystem,
		AppendFile:      (*call).appendFile,
		FlushFile:       (*call).flushFile,
		SetAccess:       (*call).setAccess,
		SetOwner:        (*call).setAccess,
	}
	op := ops[c.rec.Kind]
	if op == nil {
		return nil, errNotImplemented
	}
	return op(c)
}

// failure turns an error into an answer.
func (c *call) failure(err error) *answer {
	var e *serviceError
	if !errors.As(err, &e) {
		e = newError(500, "InternalError", err.Error()) // a mistake of the stub
	}
	ans := reply(e.status)
	for k, v := range e.header {
		ans.header[k] = v
	}
	ans.header.Set("x-ms-error-code", e.code)
	if e.status != http.StatusNotModified && c.http.Method != http.MethodHead {
		kind, body := "application/xml", errorBody
		if c.dfs {
			kind, body = "application/json;charset=utf-8", dfsErrorBody
		}
		ans.header.Set("Content-Type", kind)
		ans.body = newContent(body(e, c.requestID(), time.Now().UTC().Format(time.RFC3339Nano)))
	}
	return ans
}

func (c *call) requestID() string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", c.srv.run, c.rec.Seq)
}

// send writes the answer at the pace of the request, with the faults that
// strike in its body.
func (c *call) send(ans *answer) {
	h := c.w.Header()
	for k, v := range ans.header {
		h[k] = v
	}
	h.Set("Server", "Windows-Azure-Blob/1.0")
	if c.dfs {
		h.Set("Server", "Windows-Azure-HDFS/1.0")
	}
	h.Set("x-ms-request-id", c.requestID())
	if c.srv.opts.Skew > 0 {
		h.Set("Date", c.srv.clock().UTC().Format(http.TimeFormat))
	}
	if v := c.http.Header.Get("x-ms-version"); v != "" {
		h.Set("x-ms-version", v)
	}
	if v := c.http.Header.Get("x-ms-client-request-id"); v != "" {
		h.Set("x-ms-client-request-id", v)
	}
	if ans.status != http.StatusNoContent && ans.status != http.StatusNotModified {
		h.Set("Content-Length", strconv.FormatInt(max(ans.length, ans.body.size), 10))
	}
	c.w.WriteHeader(ans.status)
	code := ans.header.Get("x-ms-error-code")
	if ans.body.size == 0 || c.http.Method == http.MethodHead {
		c.srv.journal.end(c.rec, ans.status, code, c.in, 0)
		return
	}
	whole := func() { c.srv.journal.end(c.rec, ans.status, code, c.in, ans.body.size) }
	err := ans.body.walk(0, ans.body.size, c.down.step, c.srv.pattern, func(p []byte) error {
		return c.write(p, ans.body.size, whole)
	})
	if err != nil {
		c.cut()
	}
}

// write sends one run of a body of total bytes. It calls last before the run
// that makes the answer complete: a client may act on it at once.
func (c *call) write(p []byte, total int64, last func()) error {
	at := c.effect.fault.at.in(responseBody, total)
	struck := at >= c.out && at < c.out+int64(len(p))
	switch {
	case struck && c.effect.fault.do == corrupt:
		p = append([]byte(nil), p...)
		p[at-c.out] ^= 0xFF
	case struck && c.effect.fault.do != nothing:
		n, err := c.w.Write(p[:at-c.out])
		c.out += int64(n)
		if err == nil {
			err = http.NewResponseController(c.w).Flush()
		}
		if err != nil {
			return err
		}
		return c.strike()
	}
	if err := c.down.wait(c.ctx, len(p)); err != nil {
		return err
	}
	if c.out+int64(len(p)) == total {
		last()
	}
	n, err := c.w.Write(p)
	c.out += int64(n)
	return err
}

// cut closes the connection as it is, without an answer or in the middle of it.
func (c *call) cut() {
	c.srv.journal.end(c.rec, 0, "", c.in, c.out)
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // not a real connection: the documented way out
	}
	if s, ok := conn.(*spellingConn); ok {
		conn = s.Conn
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn() // no farewell
	}
	_ = conn.Close()
}
