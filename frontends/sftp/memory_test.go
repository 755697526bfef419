package sftp_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/memory"
)

// Uploads whose WRITEs come in the worst order, all of them at once, need many times
// the memory that there is for out-of-order WRITEs. They wait for each other, none
// fails, and all memory comes back.
func TestOutOfOrderWritesShareMemory(t *testing.T) {
	const uploads, size, part = 12, 1 << 20, 32 << 10
	parts := memory.Divide(4 << 20) // 2 MiB for these WRITEs
	server := frontendtest.Serve(t, sftptest.Target(configWith(t, func(o *sftp.Options) { o.Memory = parts })))
	all := random(size)
	var group sync.WaitGroup
	var closes []func()
	for i := range uploads {
		c, name := talkTo(t, server), fmt.Sprintf("/%d", i)
		h := c.open(name, wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
		closes = append(closes, func() { c.close(codeOK, h) })
		group.Go(func() {
			var sending sync.WaitGroup
			sending.Go(func() {
				for off := size - part; off >= 0; off -= part {
					if _, err := c.Request(wire.TypeWrite, join(h, sftpclient.Uint64(uint64(off)), sftpclient.String(string(all[off:off+part])))); err != nil {
						t.Error(err)
					}
				}
			})
			for range size / part {
				p, err := c.Receive()
				if err != nil {
					t.Error(err)
					break
				}
				if code, text := p.Status(); code != codeOK {
					t.Errorf("%s: WRITE: %d %s", name, code, text)
				}
			}
			sending.Wait()
		})
	}
	group.Wait()
	for i := range uploads {
		closes[i]()
		server.WantStored(fmt.Sprintf("/%d", i), all)
	}
	for _, u := range parts.Budget.Usage() {
		if u.Name == "out-of-order writes" && (u.Held != 0 || u.Waiting != 0 || u.Peak == 0 || u.Peak > memory.MaxEarly) {
			t.Errorf("in the end: %+v", u)
		}
	}
}
