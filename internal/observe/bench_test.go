package observe_test

import (
	"io"
	"log/slog"
	"net/netip"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/jsonlog"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

// BenchmarkUpload measures what an upload of 64 KiB costs in lines of the log, metrics and the
// last refusals, beside the upload itself: the line of the operation, its metrics, and those of its
// bytes. test/bench measures the uploads (docs/performance.md).
func BenchmarkUpload(b *testing.B) {
	recent := observe.NewRecent(100)
	log := slog.New(observe.NewHandler(jsonlog.NewHandler(io.Discard, slog.LevelInfo, func(a slog.Attr) slog.Attr { return a })))
	r := observe.New(observe.Options{
		Protocol: "ftp", Frontend: "ftp.public", Log: log.With("node", "node-1", "frontend", "ftp.public"),
		Shared: observe.Shared{Sessions: session.NewRegistry(), Metrics: metrics.New(), Trace: &observe.Trace{}, Recent: recent, Sinks: []observe.Sink{recent}},
	})
	defer r.Close()
	s := r.NewSession(netip.MustParseAddrPort("203.0.113.7:50000"))
	ctx := session.NewContext(b.Context(), s)
	r.SessionStarted(ctx, s)
	r.LoggedIn(ctx, s, session.User{Tenant: "contoso", Name: "camera-01"})
	e := vfs.Event{Op: "write", Path: vfs.MustParse("/incoming/2026/11/29/camera-01-000001.jpg"), Backend: "azblob.ingest", Bytes: 64 << 10, Duration: 20 * time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		s.Commanded("STOR /incoming/2026/11/29/camera-01-000001.jpg")
		_ = r.IsTraced(s)
		running := r.OperationBegins(ctx, e)
		for range 4 {
			running.Moved(16 << 10)
		}
		running.End()
		r.Operation(ctx, e)
		s.Replied("226 Transfer complete")
	}
}
