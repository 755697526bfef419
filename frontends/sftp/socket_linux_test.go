package sftp

import (
	"log/slog"
	"net"
	"net/netip"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/observe"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// The client's word is shorter than a packet.
func TestBeginningOfPacketIsAcknowledgedAtOnce(t *testing.T) {
	srv := &Server{observe: observe.New(observe.Options{Protocol: "sftp", Log: slog.New(slog.DiscardHandler)})}
	srv.o.setDefaults()
	defer srv.observe.Close()
	ctx := sessions.NewContext(t.Context(), srv.observe.NewSession(netip.AddrPort{}))
	frontendtest.WantAcknowledged(t, func(c net.Conn) net.Conn { return newConn(ctx, srv, c).raw })
}
