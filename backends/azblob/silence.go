package azblob

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// slowAnswer is how long an attempt may wait for its answer before the log says so: some
// clients give up after half a minute.
const slowAnswer = 10 * time.Second

// silence says whether the store answers.
//
//	answering ── an attempt waits for slowAnswer ──▶ silent, a line once a minute
//	    ▲                                               │
//	    └────────────── an answer comes, a line ────────┘
type silence struct {
	log *slog.Logger
	// notify writes a line unless one was written a moment ago, and reports whether it did.
	notify func(ctx context.Context, level slog.Level, msg string, attrs ...slog.Attr) bool
	// waiting counts the attempts that have waited for slowAnswer or longer.
	waiting atomic.Int64
	// since is when the first line of the state was written, in nanoseconds since 1970; 0
	// while the store answers.
	since atomic.Int64
}

// await follows an attempt until the function that it returns is called, with whether an
// answer came.
func (s *silence) await(req *http.Request) (end func(came bool)) {
	slow := time.AfterFunc(slowAnswer, func() { s.noteSilence(req, s.waiting.Add(1)) })
	return func(came bool) {
		if !slow.Stop() {
			s.waiting.Add(-1)
		}
		if came {
			s.noteAnswer(req.Context())
		}
	}
}

// noteSilence writes a line about a request without an answer, and how many there are.
func (s *silence) noteSilence(req *http.Request, waiting int64) {
	written := s.notify(req.Context(), slog.LevelWarn, "the store does not answer", slog.String("host", req.URL.Host),
		slog.String("request", req.Method), slog.Duration("waited", slowAnswer), slog.Int64("waiting", waiting))
	if written {
		s.since.CompareAndSwap(0, time.Now().UnixNano())
	}
}

// noteAnswer writes a line when the store was silent.
func (s *silence) noteAnswer(ctx context.Context) {
	if since := s.since.Load(); since != 0 && s.since.CompareAndSwap(since, 0) {
		s.log.LogAttrs(context.WithoutCancel(ctx), slog.LevelInfo, "the store answers again", slog.Duration("dur", time.Since(time.Unix(0, since))))
	}
}
