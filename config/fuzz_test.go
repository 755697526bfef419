package config_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// unbounded matches widths of format and exponents of numbers. hcl allocates memory for
// them without bound, which is accepted because the operator writes the configuration.
var unbounded = regexp.MustCompile(`%|[0-9][eE]`)

// For all inputs Load returns without a panic, and every diagnostic has a place in the
// source.
func FuzzLoad(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.hcl")
	if err != nil || len(paths) == 0 {
		f.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if unbounded.Match(b) {
			continue // other tests read it
		}
		f.Add(b)
	}
	f.Add([]byte("\xef\xbb\xbfnode {}"))
	f.Add([]byte("transfers { memory = null }"))
	f.Add([]byte("log { " + strings.Repeat("\x1a", 4000)))
	f.Add([]byte("key = \"\n\xff"))
	f.Fuzz(func(t *testing.T, src []byte) {
		if unbounded.Match(src) {
			t.Skip("hcl itself takes unbounded memory for this; a configuration comes from its operator")
		}
		sources := []config.Source{{Name: "fuzz.hcl", Bytes: src}}
		c, diags := config.Load(sources, registry(), hostmemory.Limit{})
		if (c == nil) != diags.HasErrors() {
			t.Fatalf("a configuration (%v) and errors (%v): want one of them", c != nil, diags)
		}
		for _, d := range diags {
			if d.Subject == nil || d.Subject.Filename == "" || d.Detail == "" {
				t.Fatalf("a diagnostic without a place or a detail: %+v", d)
			}
			if d.Subject.Start.Byte > len(src) {
				t.Fatalf("a place beyond the source: %+v", d)
			}
		}
		var b strings.Builder
		if err := config.WriteDiagnostics(&b, sources, diags); err != nil {
			t.Fatal(err)
		}
		if c != nil {
			for _, d := range c.Servable(sources) {
				if d.Subject == nil {
					t.Fatalf("a diagnostic without a place: %+v", d)
				}
			}
		}
	})
}
