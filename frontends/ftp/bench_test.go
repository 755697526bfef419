package ftp_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
)

// One session uploads small files one after the other into a store without latency.
func BenchmarkSmallUploads(b *testing.B) {
	for name, security := range map[string]ftpclient.Security{"plain": ftpclient.Plain, "TLS": ftpclient.Explicit} {
		b.Run(name, func(b *testing.B) {
			g := startFor(b, memory.New(), &tenant.User{}, func(o *ftp.Options) { o.Log = slog.New(slog.DiscardHandler) })
			sharing(g)
			c := g.login(ftpclient.Options{Security: security})
			content := bytes.Repeat([]byte("x"), 4<<10)
			for b.Loop() {
				if err := c.Put("f", bytes.NewReader(content)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
