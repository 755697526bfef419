package vfstest_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// breach names the guarantee that TestBroken breaks; TestBreaches sets it in a
// process of its own.
var breach = flag.String("vfstest.breach", "", "run TestBroken with this breach")

// TestBroken runs the suite over a broken backend, for TestBreaches, which expects it
// to fail.
func TestBroken(t *testing.T) {
	if *breach == "" {
		return
	}
	wrap, ok := breaches()[*breach]
	if !ok {
		t.Fatalf("no breach %q", *breach)
	}
	target := vfstest.Target{
		BlockSize: 1 << 10,
		PageSize:  20,
		New:       func(*testing.T) vfs.Backend { return wrap.wrap(memory.New()) },
	}
	if wrap.finds != "" {
		target = target.Leaving(time.Second) // what stays must fail the test, and not slowly
	}
	vfstest.Run(t, target)
}

// TestBreaches proves that the suite finds each breach, in the test that is
// named for the guarantee, and that it finds nothing without a breach.
func TestBreaches(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(t *testing.T, name, tests string) (output string, err error) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*patience.Limit())
		defer cancel()
		args := []string{"-test.run=^TestBroken$/" + tests, "-test.v", "-vfstest.breach=" + name}
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		return string(out), err
	}
	for name, b := range breaches() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guarantee, test, _ := strings.Cut(b.finds, "/")
			out, err := run(t, name, "^"+guarantee+"$/^"+test+"$")
			if b.finds == "" {
				out, err = run(t, name, ".")
				if err != nil {
					t.Fatalf("the suite fails without a breach: %v\n%s", err, out)
				}
				return
			}
			if _, failed := errors.AsType[*exec.ExitError](err); !failed || !strings.Contains(out, "--- FAIL: TestBroken/"+b.finds) {
				t.Errorf("%s does not find the breach: %v\n%s", b.finds, err, out)
			}
		})
	}
}

// TestAgain: RunAgain leaves tests out, all of which there are, and proves each guarantee.
func TestAgain(t *testing.T) {
	all, again := vfstest.Names()
	if left := len(all) - len(again); left != vfstest.LeftOut() {
		t.Errorf("%d tests are left out, %d are named: one has another name", left, vfstest.LeftOut())
	}
	for n := 1; n <= 9; n++ {
		guarantee := fmt.Sprintf("G%d/", n)
		if !slices.ContainsFunc(again, func(name string) bool { return strings.HasPrefix(name, guarantee) }) {
			t.Errorf("no test of %s", guarantee)
		}
	}
}
