package data

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// pieces writes text in pieces of n bytes.
func pieces(w io.Writer, text string, n int) error {
	for len(text) > 0 {
		m := min(n, len(text))
		if _, err := io.WriteString(w, text[:m]); err != nil {
			return err
		}
		text = text[m:]
	}
	return nil
}

// Ends of line come out right however the text is cut up.
func TestASCII(t *testing.T) {
	long := strings.Repeat("x", 4095)
	for local, network := range map[string]string{
		"": "", "\n": "\r\n", "a": "a", "a\nb\n": "a\r\nb\r\n", "\n\n\n": "\r\n\r\n\r\n", "a\rb": "a\rb", "\r": "\r", "a\n\r": "a\r\n\r",
		long + "\n" + long + "\n": long + "\r\n" + long + "\r\n", strings.Repeat("\n", 70000): strings.Repeat("\r\n", 70000),
	} {
		for _, n := range []int{1, 2, 3, 4095, 4096, 4097, 1 << 20} {
			var out bytes.Buffer
			w, flush := ToNetwork(&out)
			if err := pieces(w, local, n); err != nil {
				t.Fatal(err)
			}
			if err := flush(); err != nil || out.String() != network {
				t.Errorf("ToNetwork(%.20q in pieces of %d) = %.40q, %v", local, n, out.String(), err)
			}
		}
		for name, cut := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
			"end with data": iotest.DataErrReader,
		} {
			for _, n := range []int{1, 2, 3, 5000} {
				var out bytes.Buffer
				r := FromNetwork(cut(strings.NewReader(network)))
				_, err := io.CopyBuffer(struct{ io.Writer }{&out}, struct{ io.Reader }{r}, make([]byte, n))
				if err != nil || out.String() != local {
					t.Errorf("FromNetwork(%.20q, %s, by %d) = %.40q, %v", network, name, n, out.String(), err)
				}
			}
		}
	}
	// What has network ends of line already stays.
	var out bytes.Buffer
	w, flush := ToNetwork(&out)
	if err := pieces(w, "a\r\nb\r\n", 2); err != nil {
		t.Fatal(err)
	}
	if err := flush(); err != nil || out.String() != "a\r\nb\r\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
	wrong := io.ErrClosedPipe
	if _, err := io.Copy(io.Discard, FromNetwork(iotest.ErrReader(wrong))); err != wrong {
		t.Errorf("an error of the connection becomes %v", err)
	}
}

// A file without CR comes back as it was.
func FuzzASCII(f *testing.F) {
	f.Add("a\nb\r\n", 1)
	f.Fuzz(func(t *testing.T, text string, n int) {
		n = max(1, n%5000)
		var out bytes.Buffer
		w, flush := ToNetwork(&out)
		if err := pieces(w, text, n); err != nil {
			t.Fatal(err)
		}
		if err := flush(); err != nil {
			t.Fatal(err)
		}
		network := out.String()
		if strings.Count(network, "\n") != strings.Count(network, "\r\n") || strings.ReplaceAll(network, "\r\n", "\n") != strings.ReplaceAll(text, "\r\n", "\n") {
			t.Errorf("%q becomes %q", text, network)
		}
		back, err := io.ReadAll(FromNetwork(iotest.HalfReader(&out)))
		if err != nil || string(back) != strings.ReplaceAll(text, "\r\n", "\n") {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	})
}
