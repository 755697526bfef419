package config

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/internal/guessing"
)

type guessingBlock struct {
	// Whether wrong passwords are counted over all connections and protocols. With `false` only
	// the delays within one connection remain. Default: `true`.
	Enabled *bool `hcl:"enabled,optional"`
	// How many wrong passwords of one client address (for IPv6: of its /64) are checked. Further
	// passwords are refused without a check; the client gets the same reply. The limit does not
	// apply to a user that has logged in from the address before. Default: `30`.
	FailuresPerAddress      *int      `hcl:"failures_per_address,optional"`
	FailuresPerAddressRange hcl.Range `hcl:"failures_per_address,attr_value_range"`
	// How many wrong passwords for one user, from any address, are checked. Each address from
	// which the user has logged in has a count of its own. Default: `30`.
	FailuresPerLogin      *int      `hcl:"failures_per_login,optional"`
	FailuresPerLoginRange hcl.Range `hcl:"failures_per_login,attr_value_range"`
	// How long passwords are refused after a count has reached its limit. In this time the count
	// falls to 0. Default: `"15m"`.
	RefuseFor      string    `hcl:"refuse_for,optional"`
	RefuseForRange hcl.Range `hcl:"refuse_for,attr_value_range"`
}

// minFailures is the least number of failures: people mistype, and clients try a password
// in two ways.
const minFailures = 5

func (l *loader) guessing(b *hcl.Block) {
	if b == nil {
		return
	}
	var body guessingBlock
	l.decode(b, &body)
	g := &l.config.Guessing
	g.Off = body.Enabled != nil && !*body.Enabled
	g.PerAddress = l.failures(body.FailuresPerAddress, body.FailuresPerAddressRange, g.PerAddress)
	g.PerLogin = l.failures(body.FailuresPerLogin, body.FailuresPerLoginRange, g.PerLogin)
	if body.RefuseForRange != (hcl.Range{}) {
		d, diags := ParseDuration(body.RefuseFor, body.RefuseForRange)
		l.report(b.DefRange, diags)
		if !diags.HasErrors() && d < guessing.LeastRefusal {
			l.problem(body.RefuseForRange, "Invalid duration", `Write at least "1m", or enabled = false.`)
		}
		g.RefuseFor = d
	}
}

// failures reads a limit of failures.
func (l *loader) failures(n *int, at hcl.Range, otherwise int) int {
	switch {
	case n == nil:
		return otherwise
	case *n < minFailures:
		l.problem(at, "Invalid number of failures", "Write a number from 5 on: people mistype, and some clients send a password twice. enabled = false counts nothing.")
	}
	return *n
}
