package leak_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tidegate/tidegate/vfs/vfstest/leak"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	cleanups []func()
	failed   bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(string, ...any) { r.failed = true }

func (r *recorder) end() (failed bool) {
	for len(r.cleanups) > 0 {
		last := r.cleanups[len(r.cleanups)-1]
		r.cleanups = r.cleanups[:len(r.cleanups)-1]
		last()
	}
	return r.failed
}

func waits(c chan struct{}) { <-c }

func TestCheck(t *testing.T) {
	checks := map[string]struct {
		check func(testing.TB)
		want  bool // a goroutine that stays is a failure
	}{
		"any":             {func(tb testing.TB) { leak.Check(tb) }, true},
		"except it":       {func(tb testing.TB) { leak.Check(tb, "leak_test.waits") }, false},
		"except another":  {func(tb testing.TB) { leak.Check(tb, "leak_test.other") }, true},
		"of its kind":     {func(tb testing.TB) { leak.CheckOf(tb, "leak_test.waits") }, true},
		"of another kind": {func(tb testing.TB) { leak.CheckOf(tb, "leak_test.other") }, false},
	}
	for name, test := range checks {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			// In a bubble the time that a goroutine may take passes at once.
			synctest.Test(t, func(t *testing.T) {
				stays := make(chan struct{})
				r := &recorder{TB: t}
				test.check(r)
				go waits(stays)
				synctest.Wait()
				if got := r.end(); got != test.want {
					t.Errorf("a goroutine that stays: failed = %t, want %t", got, test.want)
				}
				close(stays)

				r = &recorder{TB: t}
				test.check(r)
				ends := make(chan struct{})
				go waits(ends)
				close(ends)
				if r.end() {
					t.Error("a goroutine that ends is a failure")
				}
			})
		})
	}
}
