package jsonobject

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
)

// Members are written as encoding/json writes them.
func TestWriter(t *testing.T) {
	for _, text := range []string{"", "plain/~ !", "ä b", `"\`, "<&>", "\x00\x1f\x7f\n", "\u2028", "\xff\xfe", "😀"} {
		type inner struct {
			Text string `json:"text"`
		}
		value := struct {
			Text  string         `json:"text"`
			Int   int64          `json:"int"`
			Float float64        `json:"float"`
			Any   map[string]any `json:"any"`
			Empty struct{}       `json:"empty"`
			Inner inner          `json:"inner"`
			Last  string         `json:"last"`
		}{text, math.MinInt64, 1234.567, map[string]any{"a": text}, struct{}{}, inner{text}, text}
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(value); err != nil {
			t.Fatal(err)
		}
		var w Writer
		w.Begin([]byte("before "))
		w.Text("text", value.Text)
		w.TextIfAny("none", "")
		w.Int("int", value.Int)
		w.Float("float", value.Float)
		w.Value("no JSON", math.NaN())
		w.Value("any", value.Any)
		w.Enter("empty")
		w.Leave()
		w.Enter("inner")
		w.Text("text", value.Inner.Text)
		w.Leave()
		w.Text("last", value.Last)
		if got := string(w.End()) + "\n"; got != "before "+want.String() {
			t.Errorf("%q:\n%swant\n%s", text, got, &want)
		}
	}
}
