package portholder

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the name of the process needs rights there")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("(process %d)", os.Getpid())
	if got := Of(l.Addr()); !strings.HasSuffix(got, want) || strings.HasPrefix(got, unknown) {
		t.Errorf("%q, want a name and %q", got, want)
	}
	if !IsOwn(l.Addr()) {
		t.Error("the port is not of this process")
	}
	everywhere := &net.TCPAddr{Port: l.Addr().(*net.TCPAddr).Port}
	if got := Of(everywhere); !strings.HasSuffix(got, want) {
		t.Errorf("of all addresses: %q, want %q", got, want)
	}
	l.Close()
	if got := Of(l.Addr()); got != unknown {
		t.Errorf("of a free port: %q", got)
	}
	if IsOwn(l.Addr()) {
		t.Error("a free port is of this process")
	}
	if got := Of(&net.UnixAddr{}); got != unknown {
		t.Errorf("of no port: %q", got)
	}
}
