package sftp

import (
	"fmt"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/observe"
)

// isTraced reports whether requests and answers are written to the log.
func (c *conn) isTraced() bool { return c.srv.observe.IsTraced(c.client) }

// traceRequest writes a request of a traced session to the log.
func (c *conn) traceRequest(r fmt.Stringer) {
	c.srv.observe.Traced(c.ctx, c.client, observe.FromClient, r.String())
}

// traceAnswers writes answers to the log if the session is traced.
func (c *conn) traceAnswers(p []byte) {
	if !c.isTraced() {
		return
	}
	for _, text := range wire.DescribeAnswers(p) {
		c.srv.observe.Traced(c.ctx, c.client, observe.ToClient, text)
	}
}
