package local

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/vfs"
)

// Type returns the type of the blocks `backend "local" "…" {}`.
func Type() config.BackendType {
	return config.BackendOf[Config]("local", func() Config { return Config{Fsync: true} })
}

// Config is the body of a block.
type Config struct {
	// Root is the directory that holds the files. It must exist.
	Root string `hcl:"root"`
	// Fsync writes every file to the disk, with fsync, before its upload is
	// acknowledged, so that a power failure cannot lose it.
	Fsync bool `hcl:"fsync,optional"`

	RootRange hcl.Range `hcl:"root,attr_value_range"`
}

// Validate reports a root that can be none.
func (c *Config) Validate() hcl.Diagnostics {
	if c.Root != "" {
		return c.there()
	}
	return hcl.Diagnostics{{
		Severity: hcl.DiagError,
		Summary:  "Empty root",
		Detail:   `Write the directory that holds the files: root = "/srv/files".`,
		Subject:  &c.RootRange,
	}}
}

// there looks at a root that is written.
func (c *Config) there() hcl.Diagnostics {
	info, err := os.Stat(c.Root)
	switch {
	case err != nil:
		return hcl.Diagnostics{config.Unreadable(c.RootRange, err)}
	case !info.IsDir():
		return hcl.Diagnostics{config.Problem(c.RootRange, "Root is no directory", c.Root+" is a file. Write the directory that holds the files.")}
	}
	return nil
}

// Open opens the directory. The error says what is wrong with it.
func (c *Config) Open(_ context.Context, env config.BackendEnv) (vfs.Backend, error) {
	b, err := New(c.Root, Options{Fsync: c.Fsync, Log: env.Log})
	if err != nil {
		return nil, fmt.Errorf("root %q of backend %q: %w", c.Root, env.Name, err)
	}
	return b, nil
}
