package jsonlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidegate/tidegate/internal/jsonlog"
)

func unchanged(a slog.Attr) slog.Attr { return a }

// The handler keeps the rules that slog has for all handlers.
func TestRules(t *testing.T) {
	var b bytes.Buffer
	slogtest.Run(t, func(*testing.T) slog.Handler {
		b.Reset()
		return jsonlog.NewHandler(&b, slog.LevelInfo, unchanged)
	}, func(t *testing.T) map[string]any {
		var got map[string]any
		if err := json.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v in %q", err, b.String())
		}
		return got
	})
}

type pair struct {
	A int
	B string
}

type later string

func (l later) LogValue() slog.Value { return slog.StringValue("later " + string(l)) }

// Lines are those of slog.JSONHandler.
func TestLinesOfSlog(t *testing.T) {
	replace := func(a slog.Attr) slog.Attr {
		switch a.Key {
		case "secret":
			return slog.Attr{}
		case "dur":
			return slog.Float64("dur_ms", float64(a.Value.Duration().Microseconds())/1000)
		}
		return a
	}
	var got, want bytes.Buffer
	ours := jsonlog.NewHandler(&got, slog.LevelDebug, replace)
	theirs := slog.NewJSONHandler(&want, &slog.HandlerOptions{
		Level: slog.LevelDebug, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return replace(a) },
	})
	at := time.Date(2026, 11, 30, 6, 1, 2, 3_000_000, time.FixedZone("", 3600))
	for name, attrs := range map[string][]slog.Attr{
		"none":      nil,
		"texts":     {slog.String("a", ""), slog.String("b", "\"\\\n\x00<&>ä\u2028\xff"), slog.String("ä \"key\"", "x")},
		"numbers":   {slog.Int64("a", math.MinInt64), slog.Uint64("b", math.MaxUint64), slog.Float64("c", 1.25), slog.Float64("d", 0), slog.Float64("e", -1234567.5)},
		"others":    {slog.Bool("a", true), slog.Time("b", at), slog.Duration("c", time.Second), slog.Duration("dur", 1500*time.Microsecond)},
		"any":       {slog.Any("a", nil), slog.Any("b", pair{1, "x<"}), slog.Any("c", []string{"x"}), slog.Any("d", errors.New("no\nway")), slog.Any("e", json.RawMessage(`{"x":1}`)), slog.Any("f", slog.LevelWarn)},
		"resolved":  {slog.Any("a", later("x"))},
		"replaced":  {slog.String("secret", "x"), slog.Group("g", slog.String("secret", "x"), slog.Duration("dur", time.Millisecond))},
		"groups":    {slog.Group("g", slog.Int("a", 1), slog.Group("h", slog.Int("b", 2))), slog.Group("", slog.Int("c", 3)), slog.Group("empty"), slog.Group("hollow", slog.Group("empty"))},
		"twice":     {slog.Int("a", 1), slog.Int("a", 2)},
		"zero attr": {{}, slog.Int("a", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			for variant, of := range map[string]func(slog.Handler) slog.Handler{
				"record": func(h slog.Handler) slog.Handler { return h },
				"logger": func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs).WithAttrs(attrs) },
				"group":  func(h slog.Handler) slog.Handler { return h.WithAttrs(attrs).WithGroup("of").WithAttrs(attrs) },
				"deep":   func(h slog.Handler) slog.Handler { return h.WithGroup("a").WithAttrs(attrs).WithGroup("b") },
			} {
				got.Reset()
				want.Reset()
				for _, h := range []slog.Handler{ours, theirs} {
					r := slog.NewRecord(at, slog.LevelWarn+1, "a \"message\"", 0)
					r.AddAttrs(attrs...)
					if err := of(h).Handle(t.Context(), r); err != nil {
						t.Fatal(err)
					}
				}
				if d := cmp.Diff(want.String(), got.String()); d != "" {
					t.Errorf("%s: %s", variant, d)
				}
			}
		})
	}
}

type unwritable struct{}

func (unwritable) MarshalJSON() ([]byte, error) { return nil, errors.New("not today") }

type nilError struct{ text string }

func (n *nilError) Error() string { return n.text }

// What cannot be written leaves a line that says so, and the other attributes.
func TestUnwritable(t *testing.T) {
	var b bytes.Buffer
	slog.New(jsonlog.NewHandler(&b, slog.LevelInfo, unchanged)).Info("m",
		"nil", (*nilError)(nil), "failed", unwritable{}, "channel", make(chan int), "nan", math.NaN(), "inf", math.Inf(-1), "after", 1)
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, b.String())
	}
	for name, want := range map[string]string{"nil": "!PANIC: ", "failed": "!ERROR: ", "channel": "!ERROR: ", "nan": "NaN", "inf": "-Inf"} {
		if text, _ := got[name].(string); !strings.HasPrefix(text, want) {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if got["after"] != 1.0 {
		t.Errorf("the attribute after them is %v", got["after"])
	}
}

// Loggers of one writer write whole lines, also from several goroutines.
func TestTogether(t *testing.T) {
	var b bytes.Buffer
	log := slog.New(jsonlog.NewHandler(&b, slog.LevelInfo, unchanged))
	long := strings.Repeat("x", 20<<10)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			one := log.With("i", i)
			for range 50 {
				one.Info("m", "text", long[:i*len(long)/8])
			}
		})
	}
	all.Wait()
	lines := bytes.Split(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("\n"))
	if len(lines) != 400 {
		t.Errorf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !json.Valid(line) {
			t.Fatalf("no JSON: %.200q", line)
		}
	}
}

// BenchmarkLine compares the line of an upload with that of slog.JSONHandler.
func BenchmarkLine(b *testing.B) {
	replace := func(a slog.Attr) slog.Attr {
		if a.Value.Kind() != slog.KindDuration {
			return a
		}
		return slog.Float64(a.Key+"_ms", float64(a.Value.Duration().Microseconds())/1000)
	}
	for name, h := range map[string]slog.Handler{
		"jsonlog": jsonlog.NewHandler(io.Discard, slog.LevelInfo, replace),
		"slog":    slog.NewJSONHandler(io.Discard, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return replace(a) }}),
	} {
		h := h.WithAttrs([]slog.Attr{slog.String("node", "node-1"), slog.String("session", "s-1"), slog.String("tenant", "contoso"), slog.String("user", "camera-01")})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := slog.NewRecord(time.Now(), slog.LevelInfo, "operation finished", 0)
				r.AddAttrs(slog.String("event", "operation_finished"), slog.String("op", "write"), slog.String("path", "/incoming/2026/11/29/camera-01-000001.jpg"),
					slog.Duration("dur", 20*time.Millisecond+1234), slog.Int64("bytes", 64<<10), slog.String("backend", "azblob.ingest"))
				_ = h.Handle(context.Background(), r)
			}
		})
	}
}
