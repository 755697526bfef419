package config

import "github.com/hashicorp/hcl/v2"

// Start says which backends must open before the process serves.
type Start struct {
	RequireBackends Required
}

// Required says which backends must open before the process starts to serve. The process
// continues to try to open the others, and their mounts are unavailable until then.
type Required uint8

// The values of Required.
const (
	// RequireValid: every backend must open or be unreachable.
	RequireValid Required = iota
	// RequireAll: every backend must open.
	RequireAll
	// RequireAny: at least one backend must open, or all must be unreachable.
	RequireAny
)

type startBlock struct {
	// Which failures of backends stop the start. With `"valid"`, a wrong configuration does (the
	// container does not exist, or the store refuses the credential), but not a store that does
	// not answer. With `"all"`, every failure does. With `"any"`, a wrong configuration does only
	// if no backend can be opened. The mounts of a backend that is not open are unavailable (451
	// over FTP). The process tries again to open it, after at most 30 seconds each time. Default:
	// `"valid"`.
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
