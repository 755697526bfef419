package ftp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// slowHash takes a second for each Write.
type slowHash struct{ io.Writer }

func (h slowHash) Write(b []byte) (int, error) {
	time.Sleep(time.Second)
	return h.Writer.Write(b)
}

// However many hashes one user has computed, the hash of a small file of another user
// waits for one Write, and a hash that waits for the store keeps no processor busy.
func TestHashesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		processors := fairshare.NewResource("hashes of files", 2)
		turn := func(user string, w io.Writer) inTurn {
			return inTurn{t.Context(), processors, fairshare.Holder{Tenant: "t", User: user}, w}
		}
		var large sync.WaitGroup
		for range 20 {
			large.Go(func() {
				w := turn("alice", slowHash{io.Discard})
				for range 100 {
					if _, err := w.Write([]byte("piece")); err != nil {
						t.Error(err)
					}
				}
			})
		}
		time.Sleep(10 * time.Second)
		begun := time.Now()
		h := sha256.New()
		if _, err := fmt.Fprint(turn("bob", h), "x"); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("a small hash took %v", took)
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" {
			t.Errorf("the hash is %s", got)
		}
		large.Wait()
		if processors.Held() != 0 {
			t.Error("processors are left")
		}
	})
}
