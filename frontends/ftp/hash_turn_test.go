package ftp

import (
	"crypto/rand"
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
// waits for one Write.
func TestHashesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		processors := fairshare.NewResource("hashes of files", 2)
		of := func(user string, w io.Writer) *turn {
			return newTurn(t.Context(), processors, fairshare.Holder{Tenant: "t", User: user, Connection: rand.Text()}, w)
		}
		var large sync.WaitGroup
		for range 20 {
			large.Go(func() {
				w := of("alice", slowHash{io.Discard})
				defer w.end()
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
		small := of("bob", h)
		if _, err := fmt.Fprint(small, "x"); err != nil {
			t.Error(err)
		}
		small.end()
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

// The files of one user are hashed one after the other, whatever sessions ask for that,
// but while one waits for a slow store another one has its turn.
func TestHashesOfOneUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		processors := fairshare.NewResource("hashes of files", 1)
		of := func() *turn {
			return newTurn(t.Context(), processors, fairshare.Holder{Tenant: "t", User: "alice", Connection: rand.Text()}, io.Discard)
		}
		write := func(w *turn) (took time.Duration) {
			begun := time.Now()
			if _, err := w.Write([]byte("x")); err != nil {
				t.Error(err)
			}
			return time.Since(begun)
		}
		first, second := of(), of()
		write(first)
		waited := make(chan time.Duration, 1)
		go func() { waited <- write(second) }()
		for range 10 { // the store brings more in time
			time.Sleep(turnGrace / 2)
			write(first)
		}
		select {
		case <-waited:
			t.Error("two files are hashed at once")
		default:
		}
		if took, want := <-waited, 6*turnGrace; took != want {
			t.Errorf("the second file waited for %v, want %v", took, want)
		}
		second.end()
		if took := write(first); took != 0 {
			t.Errorf("the first file waited for %v", took)
		}
		first.end()
		if processors.Held() != 0 {
			t.Error("processors are left")
		}
	})
}
