package auth

import (
	"encoding/base64"
	"fmt"
	"runtime"
	"testing"
)

// TestHashMemoryGoesBack computes hashes of 64 MiB and looks at what the process
// keeps of that.
func TestHashMemoryGoesBack(t *testing.T) {
	const memoryKiB = 64 << 10
	text := fmt.Sprintf("$argon2id$v=19$m=%d,t=1,p=1$%s$%s", memoryKiB,
		base64.RawStdEncoding.EncodeToString(make([]byte, minSaltBytes)), base64.RawStdEncoding.EncodeToString(make([]byte, minKeyBytes)))
	a := mustNew(t, Account{Tenant: "contoso", Name: "camera", PasswordHash: text})
	for range 3 {
		if _, err := a.Password(t.Context(), Attempt{Login: "camera", From: client}, "wrong"); err == nil {
			t.Fatal("a wrong password was taken")
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if kept := m.HeapSys - m.HeapReleased; kept > memoryKiB<<10/2 {
		t.Errorf("%d MiB of the heap are kept", kept>>20)
	}
}
