package azblob

import "context"

// tokens bound how many operations run at the same time.
type tokens chan struct{}

// take waits for a token.
func (t tokens) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (t tokens) tryTake() bool {
	select {
	case t <- struct{}{}:
		return true
	default:
		return false
	}
}

func (t tokens) free() { <-t }

// left reports whether tryTake would have succeeded a moment ago.
func (t tokens) left() bool { return len(t) < cap(t) }
