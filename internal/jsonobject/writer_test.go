package jsonobject

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"
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
		if err := w.Value("no JSON", math.NaN()); err == nil {
			t.Error("NaN is JSON")
		}
		if err := w.Value("any", value.Any); err != nil {
			t.Error(err)
		}
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

// Members that are written once stand in several objects.
func TestMembers(t *testing.T) {
	var w Writer
	w.BeginMembers(nil)
	w.Text("\"name\"", "x")
	w.Bool("bool", true)
	w.Float("nan", math.NaN())
	w.Time("time", time.Date(2026, 11, 30, 6, 1, 2, 500, time.UTC))
	members := w.EndMembers()
	const text = `"\"name\"":"x","bool":true,"nan":"NaN","time":"2026-11-30T06:01:02.0000005Z"`
	w.Begin(nil)
	w.Members(nil)
	w.Members(members)
	w.Int("n", 1)
	w.Members(members)
	if got, want := string(w.End()), "{"+text+`,"n":1,`+text+"}"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
