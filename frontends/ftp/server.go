package ftp

import (
	"context"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/observe/metrics"
)

// Server is an FTP server on one control port.
type Server struct {
	// o has the options with which the ports were bound, current those that can change.
	o        Options
	current  atomic.Pointer[settings]
	commands map[string]*command
	listener *listen.Listener
	// connections takes them from listener.
	connections *listen.Server
	plane       *passive.Plane
	advertiser  *data.Advertiser

	observe *observe.Reporter
	// lostAfterUpload counts what noteLoss sees.
	lostAfterUpload *metrics.Counter
	// forget removes the metrics of what the server has.
	forget func()
	// hashing is the processors that hashes of files may take: half of all.
	hashing   *fairshare.Resource
	downloads downloads
	// listings are those that hold entries of the store while their clients read.
	listings *fairshare.Resource

	// draining ends when no new sessions and transfers are taken.
	draining context.Context
	drain    context.CancelFunc
}
