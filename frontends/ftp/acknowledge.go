package ftp

import (
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/internal/finetimer"
)

// forgivesControlLost reports whether the upload continues without its control
// connection.
func (t *transfer) forgivesControlLost() bool {
	return t.uploads() && t.policy().CommitOnControlLost
}

// longestPrepared is how long, at most, a store waits for the rest of a prepared commit before
// mayCommit has decided.
const longestPrepared = mostDelay

// mayCommit decides, at the end of the data, whether an upload is committed. When a client
// dies, its control connection ends too. So mayCommit watches the control connection for a
// moment, and prepares the commit meanwhile.
func (t *transfer) mayCommit(prepare func()) error {
	ended := time.Now()
	if err := t.failure(); err != nil {
		return err
	}
	// Nothing failed, so the data was read to its end: the connection is bound.
	t.data.SendCloseNotify()
	if err := t.abortConditions(false); err != nil {
		// Nothing can make this a whole file.
		t.Fail(err)
		return t.failure()
	}
	delay := max(t.commitDelay(), t.data.Suspicion())
	if delay > 0 && delay <= longestPrepared {
		prepare()
	}
	lost := t.watchControl(ended, delay)
	// The reader may not have been scheduled since the end arrived, and when
	// both are ready select takes either.
	if !lost && t.s.control.Ended() {
		lost = !t.s.control.Drained(t.ctx) || !t.s.control.Quit()
	}
	if !lost && !t.s.control.AllProcessed(t.ctx) {
		t.unheard.Store(true)
	}
	t.Fail(t.abortConditions(lost))
	if t.on(complete, nil) == failed {
		return t.failure()
	}
	t.s.closeNotify = t.s.closeNotify.after(t.data.Ending())
	return nil
}

// watchControl waits for the end of the control connection, for so long since begun, and
// reports whether it came without a QUIT. If the process wakes up much too late, the machine is
// busy, and the connections of a client on it may not have been closed yet. Then watchControl
// waits again, up to usualDelay in total.
func (t *transfer) watchControl(begun time.Time, delay time.Duration) (lost bool) {
	for round := begun; ; round = time.Now() {
		if !t.waits(delay - time.Since(round)) {
			return t.s.control.Gone().Err() != nil && !t.s.control.Quit()
		}
		if time.Since(round) < 2*delay+leastDelay || time.Since(begun) >= usualDelay {
			return false
		}
	}
}

// waits waits for so long. It returns false as soon as the control connection has ended,
// the data connection turns out to be another session's, or the transfer is aborted.
func (t *transfer) waits(delay time.Duration) bool {
	watch := finetimer.New(delay)
	defer watch.Stop()
	select {
	case <-t.s.control.Gone().Done():
		return false
	case <-t.data.MixedUp():
		return false
	case <-t.ctx.Done():
		t.Fail(t.ctx.Err())
		return false
	case <-watch.C:
		return true
	}
}

// abortConditions returns why the data, which ended in order, may not be all.
func (t *transfer) abortConditions(lost bool) error {
	policy := t.policy()
	truncated := t.data.Ending() == data.Truncated
	switch {
	case t.data.IsMixedUp():
		return errMixUp
	case t.unheard.Load():
		return errUnheard
	case lost && truncated:
		// Two signs: nothing forgives both.
		return errTruncatedLost
	case lost && !policy.CommitOnControlLost:
		return errControlLost
	case truncated && policy.RequireCloseNotify:
		return errTruncated
	case !policy.IgnoreAllo && t.binary && t.offset == 0 && t.data.Bytes() < t.announced:
		return errShort
	}
	return nil
}

// awaitEvidence waits, before a download or a listing ends, for evidence that its connection
// belongs to another session, as mayCommit does for uploads. Otherwise the client could get a
// 226 for a file that another program received.
func (t *transfer) awaitEvidence() {
	if !t.data.Arrived() || t.uploads() || t.failure() != nil {
		return
	}
	wait := time.NewTimer(t.data.Suspicion())
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-t.ctx.Done():
	case <-t.data.MixedUp():
	}
	if t.data.IsMixedUp() {
		t.Fail(errMixUp)
	}
}

// logAborted writes the one warning for an upload that is not committed.
func (t *transfer) logAborted(path string, err error) {
	setting := ""
	if d, ok := err.(*abortCondition); ok { //nolint:errorlint // abort conditions are never wrapped
		setting = d.setting
	}
	t.s.srv.observe.UploadAborted(t.s.ctx, t.s.client, path, t.data.Bytes(), err, setting)
}
