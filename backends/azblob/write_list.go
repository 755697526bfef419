package azblob

import (
	"bytes"
	"context"
	"encoding/xml"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
)

// blockList is the body of a Put Block List. The SDK's own lists name every block
// <Latest>, which the service looks up among the uncommitted blocks first. The
// ids of other programs are the same for every upload: a block that one of them
// left behind would take the place of the content that is kept. So a kept block is
// named <Committed>. A new one stays <Latest>, so that a list whose answer was
// lost can be sent again.
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

// blockListSender puts the list of the context into the place of the SDK's.
type blockListSender struct{}

func (blockListSender) Do(req *policy.Request) (*http.Response, error) {
	if body, ok := req.Raw().Context().Value(blockListKey{}).([]byte); ok {
		if err := req.SetBody(streaming.NopCloser(bytes.NewReader(body)), "application/xml"); err != nil {
			return nil, err
		}
	}
	return req.Next()
}
