package charset

import (
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for name, want := range map[string]string{
		"utf-8": "utf-8", "UTF8": "utf-8", "cp1252": "\xe4\x80", "windows-1252": "\xe4\x80", "iso-8859-15": "\xe4\xa4", "IBM850": "",
		"cp437": "", "shift_jis": "", "gbk": "", "koi8-r": "", "euc-kr": "",
		"": "?", "klingon": "?", "utf-16": "?", "utf-16le": "?", "iso-2022-jp": "?", "hz-gb-2312": "?", "replacement": "?", "utf-7": "?", "IBM037": "?",
	} {
		c, err := Parse(name)
		switch {
		case (err != nil) != (want == "?"):
			t.Errorf("Parse(%q): %v", name, err)
		case err == nil && (c == nil) != (want == "utf-8"):
			t.Errorf("Parse(%q) = %v", name, c)
		case want != "" && c != nil:
			if got, ok := c.Encode("ä€"); !ok || got != want {
				t.Errorf("%s: Encode = %q, %v, want %q", name, got, ok, want)
			}
		}
	}
}

func mustParse(t testing.TB, name string) *Charset {
	t.Helper()
	c, err := Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNothingIsMangled(t *testing.T) {
	for name, texts := range map[string]struct{ good, bad []string }{
		"cp1252":    {[]string{"", "plain", "Grüße €"}, []string{"日本", "a\u0308", "\ufffd", "š\u0161č"}},
		"shift_jis": {[]string{"日本", "ソ", "\\~"}, []string{"¥", "‾", "ä"}},
		"cp437":     {[]string{"Grüße", "½"}, []string{"€"}},
	} {
		c := mustParse(t, name)
		for _, text := range texts.good {
			encoded, ok := c.Encode(text)
			decoded, ok2 := c.Decode(encoded)
			if !ok || !ok2 || decoded != text {
				t.Errorf("%s: %q becomes %q and %q, %v, %v", name, text, encoded, decoded, ok, ok2)
			}
		}
		for _, text := range texts.bad {
			if encoded, ok := c.Encode(text); ok {
				t.Errorf("%s: %q becomes %q", name, text, encoded)
			}
		}
	}
	if decoded, ok := mustParse(t, "shift_jis").Decode("\x80\xff\x81"); ok {
		t.Errorf("shift_jis: what is nothing becomes %q", decoded)
	}
	if got := mustParse(t, "cp1252").Show("Grüße 日"); got != "Gr\xfc\xdfe ?" {
		t.Errorf("Show = %q", got)
	}
	if got := (*Charset)(nil).Show("日"); got != "日" {
		t.Errorf("Show in UTF-8 = %q", got)
	}
}

// Whatever comes, what is accepted goes back to the same bytes.
func FuzzCharset(f *testing.F) {
	sets := []*Charset{nil}
	for _, name := range []string{"cp1252", "shift_jis", "gb18030", "big5", "euc-kr", "IBM850", "koi8-r"} {
		sets = append(sets, mustParse(f, name))
	}
	f.Add("Grüße", uint8(1))
	f.Add("\x83\x5c", uint8(2))
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		c := sets[int(which)%len(sets)]
		if decoded, ok := c.Decode(text); ok {
			if again, ok := c.Encode(decoded); !ok || again != text {
				t.Errorf("%q decodes to %q, and that encodes to %q, %v", text, decoded, again, ok)
			}
			if c != nil && !utf8.ValidString(decoded) {
				t.Errorf("%q decodes to %q", text, decoded)
			}
		}
		if encoded, ok := c.Encode(text); ok {
			if again, ok := c.Decode(encoded); !ok || again != text {
				t.Errorf("%q encodes to %q, and that decodes to %q, %v", text, encoded, again, ok)
			}
		}
	})
}
