package gateway

import (
	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/cmd/internal/events/azurequeue"
	"github.com/tidegate/tidegate/cmd/internal/events/webhook"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/status"
)

// Registry lists every backend, every frontend and every receiver of events. A new type of
// these needs one line here and no other change in this package.
func Registry() config.Registry {
	return config.Registry{
		Backends:  []config.Type{azblob.Type(), local.Type(), memory.Type(), rclone.Type()},
		Frontends: []config.Type{ftp.Type(), sftp.Type(), status.Type()},
		Events:    []config.Type{azurequeue.Type(), webhook.Type()},
	}
}
