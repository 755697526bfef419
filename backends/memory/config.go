package memory

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "memory" "…" {}`.
func Type() config.Type {
	return backends.TypeOf("memory", func() Config { return Config{} })
}

// Config is the body of a block, which has no attributes.
type Config struct{}

// Validate returns nil: there is nothing to check.
func (*Config) Validate() hcl.Diagnostics { return nil }

// Open returns an empty tree.
func (*Config) Open(context.Context, backends.Env) (vfs.Backend, error) { return New(), nil }
