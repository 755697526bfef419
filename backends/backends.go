// Package backends lists the stores that this program can use. A new one gets a
// line here and nothing else.
package backends

import (
	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/config"
)

// All returns the type of every backend.
func All() []config.BackendType {
	return []config.BackendType{
		azblob.Type(),
		local.Type(),
		memory.Type(),
		rclone.Type(),
	}
}
