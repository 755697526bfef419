package chunk_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"

	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/session"
)

// One user who takes all uploads that it can leaves some for the other users of its
// tenant and for other tenants, and one that has sent nothing takes none.
func TestUploadsAreShared(t *testing.T) {
	p := chunk.New(64 << 20)
	var open []*chunk.Account
	defer func() {
		for _, a := range open {
			a.Close()
		}
		if held := p.Uploads().Held(); held != 0 {
			t.Errorf("%d uploads are left", held)
		}
	}()
	sessions := map[string]*session.Session{}
	// upload takes a chunk and gives it back, as an upload does whose block is stored.
	upload := func(tenant, user string, connection int) error {
		name := fmt.Sprint(tenant, user, connection)
		if sessions[name] == nil {
			sessions[name] = session.New("sftp", "sftp.test", netip.AddrPort{})
			sessions[name].Login(session.User{Tenant: tenant, Name: user})
		}
		ctx := session.NewContext(t.Context(), sessions[name])
		a := p.Open(nil, never)
		open = append(open, a)
		c, err := a.Get(ctx, chunk.Small)
		if err == nil {
			a.Put(c)
		}
		return err
	}
	for range 2 * p.MaxAccounts() {
		open = append(open, p.Open(nil, never))
	}
	taken := 0
	for i := range 2 * p.MaxAccounts() {
		switch err := upload("acme", "mallory", i%10); {
		case err == nil:
			taken++
		case !errors.Is(err, chunk.ErrTooMany):
			t.Fatal(err)
		}
	}
	if most := p.MaxAccounts() * 7 / 8 * 7 / 8; taken < most*9/10 || taken > most {
		t.Errorf("one user has %d of %d uploads, want nearly %d", taken, p.MaxAccounts(), most)
	}
	for i := range 20 {
		if err := upload("acme", "alice", i); err != nil {
			t.Errorf("upload %d of another user: %v", i, err)
		}
		if err := upload("beta", "bob", i); err != nil {
			t.Errorf("upload %d of another tenant: %v", i, err)
		}
	}
	process := p.Open(nil, never)
	open = append(open, process)
	process.Put(get(t, process, chunk.Small))
}
