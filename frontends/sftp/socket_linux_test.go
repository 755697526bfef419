package sftp

import (
	"log/slog"
	"net"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/observe"
)

// The client's word is shorter than a packet.
func TestBeginningOfPacketIsAcknowledgedAtOnce(t *testing.T) {
	srv := &Server{observe: observe.New(observe.Options{Protocol: "sftp", Log: slog.New(slog.DiscardHandler)})}
	defer srv.observe.Close()
	frontendtest.WantAcknowledged(t, func(c net.Conn) net.Conn { return newConn(t.Context(), srv, c).raw })
}
