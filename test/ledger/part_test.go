package ledger

import (
	"slices"
	"strings"

	"github.com/tidegate/tidegate/internal/testing/ledger"
)

// written is the name that the client opens: the name of the plan, or a temporary name
// for a file that is renamed afterwards. Each upload has its own temporary name, so that
// a file left by one upload does not affect the next.
func (p *plan) written() string {
	if p.ending.renames {
		return p.name + "." + strings.ReplaceAll(p.id, "/", "-") + ".filepart"
	}
	return p.name
}

// uploadPart carries out a plan whose file is uploaded under another name, and
// renamed to its own in the same breath. Between, both may have it.
func (u *uploader) uploadPart(p *plan) {
	s := u.connect(p)
	if s == nil {
		return
	}
	part, old, fresh := p.written(), u.l.Holds(p.name), p.content(u.store)
	next := ledger.Of(fresh)
	u.l.Begin(p.name, next, p.commits())
	u.l.Begin(part, next, p.commits())
	v, _, _ := s.attempt(p, fresh, old)
	if v.receipt {
		if got := u.store.read(p.name); got != next {
			u.t.Errorf("%v: renamed, and the store holds %v, want %v (before: %v)", p, got, next, old)
		}
	}
	if v.lost() || p.ending.control != stays || s.g.disturbed() {
		u.await(p, s)
	}
	got, rest, disturbed := u.store.read(p.name), u.store.read(part), s.g.disturbed()
	maybe := p.ending.leaves || disturbed
	violation := ""
	switch {
	case v.receipt && (got != next || rest.Exists):
		violation = "renamed"
	case !v.receipt && !maybe:
		violation = "refused without a reason"
	case !slices.Contains([]ledger.Content{old, next}, got) || !slices.Contains([]ledger.Content{{}, next}, rest):
		violation = "neither before nor after"
	case !p.commits() && (got != old || rest.Exists):
		violation = "without a CLOSE of the whole"
	}
	if violation != "" {
		u.t.Errorf("%v: told %v; %s: %v, and %v under the other name; before: %v, sent: %v", p, v, violation, got, rest, old, next)
	}
	u.log.warnings(part)
	u.summary.note(p, v, violation != "", got == next && next != old)
	u.l.Settle(p.name, next, got)
	u.l.Settle(part, next, rest)
}
