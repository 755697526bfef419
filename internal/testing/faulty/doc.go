// Package faulty is a vfs.Backend that fails or blocks where a test wants it, and
// counts open readers and writers. It wraps the store that the tested code uses:
//
//	store := faulty.New(memory.New())
//	store.SetFault(func(_ context.Context, c faulty.Call) error {
//		if c.Op == faulty.OpCommit {
//			return vfs.NewError(vfs.KindUnavailable, nil)
//		}
//		return nil
//	})
package faulty
