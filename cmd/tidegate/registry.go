package main

import (
	"github.com/tidegate/tidegate/backends"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
)

// registry lists everything that a configuration can name.
func registry() config.Registry {
	return config.Registry{
		Backends:  backends.All(),
		Frontends: []config.FrontendType{ftp.Type(), sftp.Type()},
	}
}
