package azstub

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

const (
	maxBatch     = 256     // requests in a batch, as documented
	maxBatchBody = 4 << 20 // bytes of a batch, as documented
)

// batchDelete is Blob Batch, of Delete Blob and Set Blob Tier requests. Each is
// authenticated and answered for itself; as a request the batch counts once.
func (c *call) batchDelete() (*answer, error) {
	_, params, err := mime.ParseMediaType(c.http.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return nil, errInvalidHeaderValue
	}
	body, err := c.receiveXML(maxBatchBody)
	if err != nil {
		return nil, err
	}
	in := multipart.NewReader(bytes.NewReader(body.content.bytes(nil)), params["boundary"])
	out := new(bytes.Buffer)
	w := multipart.NewWriter(out)
	for n := 0; ; n++ {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || n == maxBatch {
			return nil, errInvalidInput
		}
		if err := c.batchPart(w, part); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	ans := reply(http.StatusAccepted)
	ans.header.Set("Content-Type", "multipart/mixed; boundary="+w.Boundary())
	ans.body = newContent(out.Bytes())
	return ans, nil
}

// batchPart carries out one request of a batch and writes its answer.
func (c *call) batchPart(w *multipart.Writer, part *multipart.Part) error {
	r, err := http.ReadRequest(bufio.NewReader(part))
	if err != nil {
		return errInvalidInput
	}
	sub := &call{srv: c.srv, http: r, ctx: c.ctx, query: r.URL.Query()}
	sub.target, err = c.srv.parse(r.URL.EscapedPath())
	sub.rec = &Request{
		Seq:       c.rec.Seq,
		Kind:      classify(r.Method, sub.target, sub.query, r.Header),
		Container: sub.target.container,
		Blob:      sub.target.blob,
		Header:    r.Header,
		Auth:      schemeOf(r.Header, sub.query),
	}
	if sub.rec.Kind != DeleteBlob && sub.rec.Kind != SetTier {
		return errInvalidInput
	}
	ans, err := sub.perform(err)
	if err != nil {
		ans = sub.failure(err)
	}
	header := textproto.MIMEHeader{"Content-Type": {"application/http"}}
	if id := part.Header.Get("Content-ID"); id != "" {
		header.Set("Content-ID", id)
	}
	p, err := w.CreatePart(header)
	if err != nil {
		return err
	}
	ans.header.Set("x-ms-request-id", c.requestID())
	ans.header.Set("Content-Length", fmt.Sprint(ans.body.size))
	_, _ = fmt.Fprintf(p, "HTTP/1.1 %d %s\r\n", ans.status, http.StatusText(ans.status))
	_ = ans.header.Write(p)
	_, err = fmt.Fprintf(p, "\r\n%s", ans.body.bytes(nil))
	return err
}
