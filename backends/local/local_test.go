package local_test

import (
	"runtime"
	"testing"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest"
)

func TestBackend(t *testing.T) {
	for _, fsync := range []bool{false, true} {
		name := map[bool]string{false: "fsync=false", true: "fsync=true"}[fsync]
		t.Run(name, func(t *testing.T) {
			run := vfstest.Run
			if fsync {
				run = vfstest.RunAgain
			}
			run(t, vfstest.Target{
				New:      func(t *testing.T) vfs.Backend { return open(t, t.TempDir(), local.Options{Fsync: fsync}) },
				PageSize: 128, // four pages are more than package os reads ahead
				Refuses:  refuses,
				Folds:    runtime.GOOS != "linux",
			})
		})
	}
}

// A Backend of Confine has each guarantee, also when its directory does not exist, and when
// it is confined again.
func TestConfined(t *testing.T) {
	for name, tt := range map[string]struct{ there, again bool }{"there": {there: true}, "not there": {}, "again, not there": {again: true}} {
		t.Run(name, func(t *testing.T) {
			run := vfstest.RunAgain
			if tt.there {
				run = vfstest.RunDirectories // contents do not depend on Confine
			}
			run(t, vfstest.Target{
				New: func(t *testing.T) vfs.Backend {
					whole := open(t, t.TempDir(), local.Options{})
					if tt.there {
						must(t, whole.Mkdir(t.Context(), vfs.MustParse("/deep/mount")))
					}
					b, err := whole.Confine(vfs.MustParse("/deep/mount"))
					must(t, err)
					if tt.again {
						b, err = b.(vfs.Confiner).Confine(vfs.MustParse("/a/root"))
						must(t, err)
					}
					return b
				},
				PageSize: 128,
				Refuses:  refuses,
				Folds:    runtime.GOOS != "linux",
			})
		})
	}
}

// refuses reports whether the usual file systems of Linux and macOS refuse a name.
func refuses(name string) bool {
	return len(name) > 255
}

func open(t *testing.T, root string, o local.Options) *local.Backend {
	t.Helper()
	b, err := local.New(root, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}
