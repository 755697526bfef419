package hostmemory

import (
	"runtime"
	"testing"
)

func TestOfProcess(t *testing.T) {
	before := OfProcess()
	if before.Resident < 1<<20 || runtime.GOOS == "linux" && (before.Program < 1<<20 || before.Program >= before.Resident) {
		t.Fatalf("%+v", before)
	}
	held := make([]byte, 64<<20)
	for i := 0; i < len(held); i += 1 << 10 {
		held[i] = 1
	}
	if after := OfProcess(); after.Resident-after.Program < before.Resident-before.Program+48<<20 {
		t.Errorf("%+v with 64 MiB more, before: %+v", after, before)
	}
	runtime.KeepAlive(held)
}
