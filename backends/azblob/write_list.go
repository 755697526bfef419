package azblob

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// blockList is the body of a Put Block List. Lists of the SDK name every block <Latest>,
// which the service looks up among the uncommitted blocks first. Other programs use the
// same ids for every upload, so that an uncommitted block of theirs would replace content
// that is kept. So kept blocks are named <Committed>. New blocks stay <Latest>, so that a
// list whose answer was lost can be sent again.
type blockList struct{ kept, fresh []string }

type blockListKey struct{}

// under returns a context for the Put Block List that sends the list.
func (l blockList) under(ctx context.Context) context.Context {
	var body bytes.Buffer
	body.Grow(len("<BlockList></BlockList>") + 64*(len(l.kept)+len(l.fresh)))
	body.WriteString("<BlockList>")
	for _, id := range l.kept {
		body.WriteString("<Committed>")
		_ = xml.EscapeText(&body, []byte(id)) // a Buffer never fails
		body.WriteString("</Committed>")
	}
	for _, id := range l.fresh {
		body.WriteString("<Latest>" + id + "</Latest>")
	}
	body.WriteString("</BlockList>")
	return context.WithValue(ctx, blockListKey{}, body.Bytes())
}

// blockListSender replaces the list of the SDK by the one of the context.
type blockListSender struct{}

func (blockListSender) Do(req *policy.Request) (*http.Response, error) {
	if body, ok := req.Raw().Context().Value(blockListKey{}).([]byte); ok {
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/xml"); err != nil {
			return nil, err
		}
	}
	return req.Next()
}
