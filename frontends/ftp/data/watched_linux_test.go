package data

import (
	"net"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
)

func TestReadIsAcknowledgedAtOnce(t *testing.T) {
	frontendtest.WantAcknowledged(t, func(c net.Conn) net.Conn { return watch(c) })
}
