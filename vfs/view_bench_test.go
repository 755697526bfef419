package vfs_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// instant is a store that answers at once.
type instant struct{ vfs.Backend }

func (instant) Stat(context.Context, vfs.Path, vfs.Type) (vfs.Info, error) {
	return vfs.Info{Type: vfs.TypeFile}, nil
}
func (instant) SetModTime(context.Context, vfs.Path, time.Time) error { return nil }
func (instant) Remove(context.Context, vfs.Path, vfs.Type) error      { return nil }

// BenchmarkView measures what a View adds to operations of a store.
func BenchmarkView(b *testing.B) {
	for _, mounts := range []int{1, 4} {
		o := vfs.ViewOptions{Allow: vfs.PermAll, Home: path("/in")}
		for i := range mounts {
			m := vfs.Mount{Backend: instant{}, Root: path("/t")}
			if i > 0 {
				m.At = path(fmt.Sprintf("/m%d", i))
			}
			o.Mounts = append(o.Mounts, m)
		}
		v, err := vfs.NewView(o)
		if err != nil {
			b.Fatal(err)
		}
		p, ctx := path("/dir/2026/file"), b.Context()
		b.Run(fmt.Sprintf("stat/mounts=%d", mounts), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = v.Stat(ctx, p, vfs.TypeAny)
			}
		})
		b.Run(fmt.Sprintf("remove/mounts=%d", mounts), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = v.Remove(ctx, p, vfs.TypeFile)
			}
		})
		b.Run(fmt.Sprintf("settime/mounts=%d", mounts), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = v.SetModTime(ctx, p, time.Time{})
			}
		})
	}
}
