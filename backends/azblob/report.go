package azblob

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/tidegate/tidegate/internal/azurecode"
)

// noticeEvery is the least time between two log lines about the same lasting state.
const noticeEvery = time.Minute

// notices count how often an event occurs between two log lines about it.
type notices struct {
	mu   sync.Mutex
	last map[string]time.Time
	more map[string]int
}

// due reports whether a line is due, and how often the event has occurred since the last
// one.
func (n *notices) due(what string) (more int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if last, seen := n.last[what]; seen && now.Sub(last) < noticeEvery {
		n.more[what]++
		return 0, false
	}
	if n.last == nil {
		n.last, n.more = map[string]time.Time{}, map[string]int{}
	}
	more = n.more[what]
	n.last[what], n.more[what] = now, 0
	return more, true
}

type quietKey struct{}

// quietly returns a context for requests whose refusal is expected and not logged.
func quietly(ctx context.Context) context.Context { return context.WithValue(ctx, quietKey{}, true) }

// observe examines the end of an attempt and logs what an operator has to know, at most
// once a minute for each backend.
func (s *store) observe(req *http.Request, resp *http.Response, err error) {
	ctx := req.Context()
	if ctx.Value(quietKey{}) != nil {
		return
	}
	if err != nil {
		if remedy := s.credential.tokenRemedy(err); remedy != "" {
			s.notify(ctx, slog.LevelError, "no token for the store", slog.String("remedy", remedy), slog.String("err", lineOf(err)))
		}
		return
	}
	switch {
	case asksForLess(resp):
		s.notify(ctx, slog.LevelWarn, "the store is throttling requests", slog.String("host", req.URL.Host),
			slog.Int("status", resp.StatusCode), slog.String("code", resp.Header.Get("x-ms-error-code")),
			slog.Duration("retry_after", retryAfter(resp)))
	case resp.StatusCode >= http.StatusBadRequest:
		s.refused(ctx, resp)
	}
}

// refused logs an answer that refuses the gateway's credential or address.
func (s *store) refused(ctx context.Context, resp *http.Response) {
	code := bloberror.Code(resp.Header.Get("x-ms-error-code"))
	if code != "" && code != bloberror.InvalidHeaderValue && !azurecode.RefusesGateway(code) && !azurecode.MissingStore(code) {
		return // the common case, without reading the body
	}
	re, ok := errors.AsType[*azcore.ResponseError](runtime.NewResponseError(resp))
	if !ok {
		return
	}
	answer := answerOf(re)
	remedy := s.credential.remedy(answer)
	if remedy == "" {
		return
	}
	s.notify(ctx, slog.LevelError, "the store refuses the gateway", slog.String("remedy", remedy),
		slog.Int("status", answer.StatusCode), slog.String("code", answer.ErrorCode), slog.String("says", answer.says()),
		slog.String("request", resp.Request.Method), slog.String("request_id", answer.header("x-ms-request-id")))
}

// notify writes a log line unless the last one is less than noticeEvery old, and reports
// whether it did.
func (s *store) notify(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) bool {
	more, ok := s.notices.due(msg)
	if !ok {
		return false
	}
	if more > 0 {
		attrs = append(attrs, slog.Int("more", more))
	}
	s.log.LogAttrs(context.WithoutCancel(ctx), level, msg, attrs...)
	return true
}
