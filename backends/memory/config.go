package memory

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "memory" "…" {}`.
func Type() config.BackendType {
	return config.BackendOf[Config]("memory", func() Config { return Config{} })
}

// Config is the body of a block: there is nothing to say.
type Config struct{}

// Validate finds nothing wrong.
func (*Config) Validate() hcl.Diagnostics { return nil }

// Open returns an empty tree.
func (*Config) Open(context.Context, config.BackendEnv) (vfs.Backend, error) { return New(), nil }
