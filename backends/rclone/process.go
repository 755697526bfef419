package rclone

import (
	"context"
	"log/slog"
	"sync"

	"github.com/rclone/rclone/fs"
	rcloneconfig "github.com/rclone/rclone/fs/config"
	"github.com/rclone/rclone/fs/config/configmap"
	"github.com/rclone/rclone/fs/config/configstruct"
	"github.com/rclone/rclone/lib/atexit"

	// For its effect, which must precede the initialisation of rclone's packages.
	_ "github.com/tidegate/tidegate/backends/rclone/noconfig"
)

// transfers is the number of concurrent transfers that rclone expects. It limits nothing
// here: rclone keeps 2*(transfers+checkers+1) idle connections to a host, and fewer of them
// mean more TLS handshakes.
const transfers = 64

// processOnce guards rclone's global state. It is the only global state of this package.
var processOnce sync.Once

// prepareProcess sets rclone's global state. Only the first call has an effect, so rclone's
// log lines go to the log of the backend that was opened first.
func prepareProcess(log *slog.Logger) {
	processOnce.Do(func() {
		// Without this the first multipart upload would install a handler
		// for signals that ends the process.
		atexit.IgnoreSignals()
		// The configuration file is never read; without a path it cannot be written either.
		// The empty path is never an error.
		_ = rcloneconfig.SetConfigPath("")
		// The settings that rclone reads without a context of this package, such as the log
		// level. RCLONE_* variables have changed them when rclone was initialised.
		resetConfig(fs.GetConfig(context.Background()))
		fs.SetLogger(levelHandler{log.Handler()})
	})
}

// resetConfig sets rclone's settings to their defaults, with a few exceptions.
func resetConfig(settings *fs.ConfigInfo) {
	defaults := make(configmap.Simple, len(fs.ConfigOptionsInfo))
	for _, option := range fs.ConfigOptionsInfo {
		defaults[option.Name], _ = defaultOf(fs.ConfigOptionsInfo, option.Name)
	}
	// An error is impossible: a test of rclone parses its defaults.
	_ = configstruct.Set(defaults, settings)
	settings.Transfers = transfers
	// A directory without a time gets the zero time instead of the year 2000.
	settings.DefaultTime = fs.Time{}
}

// levelHandler maps rclone's levels, some of which lie between or above slog's, to the four
// of slog.
type levelHandler struct{ slog.Handler }

func (h levelHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(ctx, plainLevel(level))
}

func (h levelHandler) Handle(ctx context.Context, r slog.Record) error {
	plain := slog.NewRecord(r.Time, plainLevel(r.Level), r.Message, 0)
	plain.AddAttrs(slog.String("library", "rclone"))
	r.Attrs(func(a slog.Attr) bool {
		plain.AddAttrs(a)
		return true
	})
	return h.Handler.Handle(ctx, plain)
}

func (h levelHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return levelHandler{h.Handler.WithAttrs(attrs)}
}

func (h levelHandler) WithGroup(name string) slog.Handler {
	return levelHandler{h.Handler.WithGroup(name)}
}

func plainLevel(level slog.Level) slog.Level {
	switch {
	case level >= slog.LevelError:
		return slog.LevelError
	case level >= slog.LevelWarn:
		return slog.LevelWarn
	case level >= slog.LevelInfo:
		return slog.LevelInfo
	default:
		return slog.LevelDebug
	}
}
