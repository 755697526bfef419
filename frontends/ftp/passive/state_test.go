package passive

import (
	"fmt"
	"testing"
)

// Every event in every state, with what it depends on.
func TestTransitions(t *testing.T) {
	alive := facts{alive: true, pausable: true}
	with := func(change func(*facts)) facts {
		f := alive
		change(&f)
		return f
	}
	wanted := with(func(f *facts) { f.wanted = true })
	over := with(func(f *facts) { f.alive, f.pausable = false, false })
	late := with(func(f *facts) { f.pausable = false })
	troubled := with(func(f *facts) { f.troubled = true })
	quiet := with(func(f *facts) { f.keep = KeepQuiet })
	quietWanted := with(func(f *facts) { f.keep, f.wanted = KeepQuiet, true })
	quietTroubled := with(func(f *facts) { f.keep, f.wanted, f.troubled = KeepQuiet, true, true })
	always := with(func(f *facts) { f.keep, f.wanted = KeepAlways, true })

	type row struct {
		from state
		e    event
		f    facts
		to   state
	}
	rows := []row{
		{open, pause, alive, paused},
		{paused, resume, alive, open},
		{stale, pause, alive, stale},
		{claimed, resume, alive, claimed},
		{open, renew, alive, open},
		{paused, renew, alive, paused},
		{stale, renew, alive, open},
		{overdue, renew, alive, claimed},
		{open, claim, alive, claimed},
		{paused, claim, alive, claimed},
		{stale, claim, alive, overdue},
		{connected, claim, alive, handedOn},
		{connected, claim, troubled, lingering},
		{connected, claim, quiet, kept},
		{connected, claim, quietWanted, handedOn},
		{connected, claim, quietTroubled, kept},
		{connected, claim, always, kept},
		{open, connect, alive, connected},
		{paused, connect, alive, connected},
		{stale, connect, alive, connected},
		{claimed, connect, alive, handedOn},
		{overdue, connect, alive, handedOn},
		{claimed, connect, always, kept},
		{claimed, connect, troubled, lingering},
		{connected, connect, alive, connected},
		{kept, connect, always, kept},
		{lingering, connect, troubled, lingering},
		{open, expire, alive, stale},
		{open, expire, wanted, revoked},
		{open, expire, over, revoked},
		{paused, expire, alive, paused},
		{paused, expire, wanted, paused},
		{paused, expire, late, stale},
		{paused, expire, over, revoked},
		{stale, expire, over, revoked},
		{claimed, expire, alive, overdue},
		{claimed, expire, wanted, revoked},
		{overdue, expire, over, revoked},
		{connected, expire, alive, revoked},
		{kept, expire, always, handedOn},
		{kept, expire, troubled, lingering},
		{lingering, expire, troubled, handedOn},
		{open, want, wanted, open},
		{paused, want, wanted, paused},
		{claimed, want, wanted, claimed},
		{connected, want, wanted, connected},
		{stale, want, wanted, revoked},
		{overdue, want, wanted, revoked},
		{lingering, want, wanted, lingering},
		{kept, want, quietWanted, handedOn},
		{kept, want, quietTroubled, kept},
		{kept, want, always, kept},
		{kept, found, alive, handedOn},
		{kept, found, troubled, lingering},
		{connected, found, alive, handedOn},
		{open, found, alive, open},
		{claimed, found, alive, claimed},
		{lingering, found, troubled, lingering},
		{open, release, alive, revoked},
		{paused, release, alive, revoked},
		{stale, release, alive, revoked},
		{claimed, release, alive, revoked},
		{overdue, release, alive, revoked},
		{connected, release, alive, handedOn},
		{kept, release, always, handedOn},
		{kept, release, troubled, lingering},
		{lingering, release, troubled, lingering},
	}
	for s := open; s.holdsPort(); s++ {
		rows = append(rows, row{s, shut, alive, closed})
	}
	for _, r := range rows {
		t.Run(fmt.Sprintf("%d on %d with %+v", r.from, r.e, r.f), func(t *testing.T) {
			if got := r.from.next(r.e, r.f); got != r.to {
				t.Errorf("becomes %d, want %d", got, r.to)
			}
		})
	}
}
