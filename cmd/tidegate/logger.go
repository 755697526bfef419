package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/jsonlog"
	"github.com/tidegate/tidegate/internal/observe"
)

// newLog returns the logger of the process. Each line names the node. Text from clients
// cannot control a terminal or change the direction of its text, and is at most maxLogged
// bytes long. Errors are on one line, and durations are numbers of milliseconds, with _ms
// at the end of their names: a query compares them without a unit.
//
// It has the lines of level, which may change, and the format of l.
func newLog(w io.Writer, l config.Log, level slog.Leveler, node string) *slog.Logger {
	return logOf(newHandler(w, level, isText(w, l.Format), isJournal(w)), node)
}

// newHandler returns the handler of newLog, as text or as JSON, with priorities for the
// journal.
func newHandler(w io.Writer, level slog.Leveler, text, journal bool) slog.Handler {
	replace := func(a slog.Attr) slog.Attr { return shortened(inMilliseconds(a)) }
	out := &priorityWriter{w: printableWriter{w}}
	var handler slog.Handler
	if text {
		handler = slog.NewTextHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return replace(a) }})
	} else {
		handler = jsonlog.NewHandler(out, level, replace)
	}
	if journal {
		handler = prioritized{handler, out}
	}
	return handler
}

// logOf returns the logger of a handler: each line has its event, and names the node.
func logOf(h slog.Handler, node string) *slog.Logger {
	return slog.New(observe.NewHandler(h)).With("node", node)
}

// isText reports whether the lines of the log on w are text.
func isText(w io.Writer, format config.LogFormat) bool {
	return format == config.LogText || format != config.LogJSON && isTerminal(w)
}

// isTerminal reports whether a person reads what is written to w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// inMilliseconds replaces a duration by its milliseconds, to the microsecond.
func inMilliseconds(a slog.Attr) slog.Attr {
	if a.Value.Kind() != slog.KindDuration {
		return a
	}
	return slog.Float64(a.Key+"_ms", float64(a.Value.Duration().Microseconds())/1000)
}

// maxLogged is how many bytes of one text a line holds: enough for the longest name of a
// blob and a sentence about it.
const maxLogged = 4 << 10

// shortened cuts a long text: an error may quote text from a client or a store. Stacks are
// not cut.
func shortened(a slog.Attr) slog.Attr {
	if a.Key == "stack" || a.Key == "goroutines" {
		return a
	}
	var text string
	switch a.Value.Kind() {
	case slog.KindString:
		text = a.Value.String()
	case slog.KindAny:
		err, ok := a.Value.Any().(error)
		if !ok {
			return a
		}
		// The errors of errors.Join are on several lines.
		text = strings.NewReplacer("\r\n", "; ", "\n", "; ").Replace(err.Error())
		a = slog.String(a.Key, text)
	default:
		return a
	}
	if len(text) <= maxLogged {
		return a
	}
	end := maxLogged
	for end > maxLogged-utf8.UTFMax && !utf8.RuneStart(text[end]) {
		end--
	}
	return slog.String(a.Key, fmt.Sprintf("%s… (%d bytes)", text[:end], len(text)))
}

// printableWriter escapes characters that slog does not escape: DEL, the C1 controls
// (U+009B begins a sequence as ESC [ does), and those that change the direction of text. In
// both formats they are within quotes, where \u followed by four digits means the same
// character.
type printableWriter struct{ w io.Writer }

func (p printableWriter) Write(line []byte) (int, error) {
	var out []byte
	begun := 0 // the start of the bytes that are not in out yet
	for i := 0; i < len(line); {
		if ' ' <= line[i] && line[i] <= '~' {
			i++ // as nearly all are
			continue
		}
		r, n := utf8.DecodeRune(line[i:])
		if r != '\n' && !unicode.IsPrint(r) {
			out = append(out, line[begun:i]...)
			for _, unit := range utf16.Encode([]rune{r}) {
				out = fmt.Appendf(out, `\u%04x`, unit)
			}
			begun = i + n
		}
		i += n
	}
	if begun > 0 {
		line, out = append(out, line[begun:]...), line
		_, err := p.w.Write(line)
		return len(out), err
	}
	return p.w.Write(line)
}
