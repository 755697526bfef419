package config_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

// The default of the budget fits the host. A budget that does not fit is a warning with a
// remedy.
func TestMemoryOfTheHost(t *testing.T) {
	const mib = 1 << 20
	for name, test := range map[string]struct {
		text string
		host int64 // MiB
		want int64 // MiB
		warn string
	}{
		"unknown":            {"", 0, 256, ""},
		"large":              {"", 64 << 10, 256, ""},
		"small":              {"", 401, 200, ""},
		"tiny":               {"", 20, 16, ""},
		"written, fits":      {`transfers { memory = "300MiB" }`, 480, 300, ""},
		"written, does not":  {`transfers { memory = "300MiB" }`, 479, 300, `Write: memory = "239MiB"`},
		"written, larger":    {`transfers { memory = "1GiB" }`, 512, 1024, `The process may have 512MiB (memory.max of the cgroup) and needs`},
		"written, unknown":   {`transfers { memory = "1TiB" }`, 0, 1 << 20, ""},
		"only grace written": {`transfers { grace = "1s" }`, 100, 50, ""},
	} {
		t.Run(name, func(t *testing.T) {
			sources := []config.Source{{Name: "x.hcl", Bytes: []byte(test.text)}}
			c, diags := config.Load(sources, registry(), hostmemory.Limit{Bytes: test.host * mib, Source: "memory.max of the cgroup"})
			if diags.HasErrors() || c.Transfers.Memory != test.want*mib {
				t.Fatalf("%v, %v", c, diags)
			}
			text := render(t, sources, diags)
			if (test.warn == "") != (len(diags) == 0) || !strings.Contains(strings.Join(strings.Fields(text), " "), test.warn) {
				t.Errorf("got %q, want %q", text, test.warn)
			}
		})
	}
}
