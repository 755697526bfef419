// Package faulty is a vfs.Backend that fails or blocks where a test wants it, and
// counts what is open. It stands between a store and what is tested:
//
//	store := faulty.New(memory.New())
//	store.SetFault(func(_ context.Context, c faulty.Call) error {
//		if c.Op == faulty.OpCommit {
//			return vfs.NewError(vfs.KindUnavailable, nil)
//		}
//		return nil
//	})
package faulty
