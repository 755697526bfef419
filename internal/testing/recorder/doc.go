// Package recorder is a vfs.Backend that shows every path that reaches a store, for tests
// of what clients must not reach:
//
//	store := recorder.New(memory.New(), func(c recorder.Call) {
//		if _, inside := c.Path.Cut(tenant); !inside {
//			t.Errorf("%s of %s", c.Op, c.Path)
//		}
//	})
package recorder
