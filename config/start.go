package config

import "github.com/hashicorp/hcl/v2"

// Start says when the process may start.
type Start struct {
	RequireBackends Required
}

// Required says which backends must open before the process starts to serve. Those that
// need not are opened again until they open, and their mounts are unavailable until then.
type Required uint8

// The values of Required.
const (
	// RequireValid: every backend must open or be unreachable.
	RequireValid Required = iota
	// RequireAll: every backend must open.
	RequireAll
	// RequireAny: one backend must open or be unreachable.
	RequireAny
)

type startBlock struct {
	// Which backends must open before the process serves: `"valid"` stops the start when
	// the configuration of a backend is wrong (there is no such container, or its credential
	// is refused), but not when its store does not answer; `"all"` stops it then too;
	// `"any"` stops it only when no backend can be opened. The mounts of a backend that is
	// not open are unavailable (451 over FTP), and it is opened again at most every 30
	// seconds. Default: `"valid"`.
	RequireBackends      string    `hcl:"require_backends,optional"`
	RequireBackendsRange hcl.Range `hcl:"require_backends,attr_value_range"`
}

func (l *loader) start(b *hcl.Block) {
	if b == nil {
		return
	}
	var body startBlock
	l.decode(b, &body)
	if body.RequireBackendsRange == (hcl.Range{}) {
		return
	}
	l.report(b.DefRange, OneOf("require_backends", body.RequireBackends, body.RequireBackendsRange, "valid", "all", "any"))
	switch body.RequireBackends {
	case "all":
		l.config.Start.RequireBackends = RequireAll
	case "any":
		l.config.Start.RequireBackends = RequireAny
	}
}
