package frontends

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// logEvents returns an Observer that writes one line for each finished
// operation: Info for what was asked of the store, Debug for mere looking, Warn
// where somebody should look.
func logEvents(log *slog.Logger) vfs.Observer {
	return func(ctx context.Context, e vfs.Event) {
		level := slog.LevelInfo
		if e.Op == "stat" {
			level = slog.LevelDebug
		}
		attrs := []slog.Attr{
			slog.String("op", e.Op),
			slog.String("path", e.Path.String()),
			slog.Duration("dur", e.Duration),
		}
		switch e.Op {
		case "read", "write":
			attrs = append(attrs, slog.Int64("bytes", e.Bytes))
		case "list":
			attrs = append(attrs, slog.Int64("entries", e.Entries))
		case "copy":
			attrs = append(attrs, slog.String("to", e.To.String()), slog.Int64("bytes", e.Bytes))
		case "rename":
			attrs = append(attrs, slog.String("to", e.To.String()))
		}
		if e.Err != nil {
			kind := vfs.KindOf(e.Err)
			if kind == vfs.KindInternal || kind == vfs.KindUnavailable {
				level = slog.LevelWarn
			}
			attrs = append(attrs, slog.String("kind", kind.String()), slog.Any("err", e.Err))
		}
		log.LogAttrs(ctx, level, "operation finished", attrs...)
	}
}

// The reasons for which sessions of every protocol end.
const (
	EndIdle     = "idle"
	EndShutdown = "server is shutting down"
	EndNoLogin  = "not logged in"
	endClient   = "client left"
)

// LogEnd writes the line for a session that is over. reason is "" when it was
// the client who ended it.
func LogEnd(log *slog.Logger, begun time.Time, reason string) {
	log.Debug("session ends", "dur", time.Since(begun), "reason", cmp.Or(reason, endClient))
}
