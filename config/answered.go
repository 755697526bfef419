package config

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tidegate/tidegate/internal/auth/external"
)

// answering is what the users of a tenant's authority inherit from.
type answering struct {
	ec *hcl.EvalContext
	// tenant is the body of the tenant.
	tenant hcl.Body
}

// Answered returns the user that an answer of the tenant's authority describes, after the
// same checks as for a block user, and with what such a block would inherit. mounts are
// those that the user sees. An error is for the log, not for clients.
func (t *Tenant) Answered(name string, a *external.Answer) (u *User, mounts []Mount, err error) {
	of := *t
	if a.Mounts != nil {
		if of.Mounts, err = t.chosen(a.Mounts); err != nil {
			return nil, nil, err
		}
	}
	l := &loader{secrets: newSecrets(), config: &Config{}, ec: t.answering.ec}
	user := l.user(l.answeredBlock(name, a, t.answering.tenant), &of, true)
	for _, d := range l.diags {
		if d.Severity == hcl.DiagError {
			return nil, nil, fmt.Errorf("the answer cannot be applied: %s: %s", d.Summary, d.Detail)
		}
	}
	return &user, of.Mounts, nil
}

// chosen returns the mounts of the tenant at these places, each written as in the
// configuration.
func (t *Tenant) chosen(places []string) ([]Mount, error) {
	if len(places) == 0 {
		return nil, errors.New("the answer cannot be applied: the list of mounts is empty")
	}
	var mounts []Mount
	for _, at := range places {
		found := false
		for _, m := range t.Mounts {
			if m.At.String() == at {
				mounts, found = append(mounts, m), true
			}
		}
		if !found {
			return nil, fmt.Errorf("the answer cannot be applied: the tenant has no mount at %q", at)
		}
	}
	return mounts, nil
}

// answeredBlock returns the block of a user that an answer stands for. Each argument has a
// place of its own: of several problems at one place only the first is kept.
func (l *loader) answeredBlock(name string, a *external.Answer, tenant hcl.Body) *userBlock {
	at := func(line int) hcl.Range {
		p := hcl.Pos{Line: line, Column: 1, Byte: line}
		return hcl.Range{Filename: "answer", Start: p, End: p}
	}
	b := &userBlock{}
	b.leaveOut()
	l.inheritedUser(tenant, name, at(1), b)
	b.DefRange, b.listed, b.answered = at(2), true, true
	b.PasswordHash, b.PasswordHashRange = "", hcl.Range{}
	if a.Root != nil {
		b.Root, b.RootRange = *a.Root, at(5)
	}
	if a.Home != nil {
		b.Home, b.HomeRange = *a.Home, at(3)
	}
	if a.Limits != nil {
		b.Limits = answeredLimits(a.Limits, at)
	}
	if a.Permissions != nil {
		words := []cty.Value{}
		for _, word := range a.Permissions {
			words = append(words, cty.StringVal(word))
		}
		list := cty.ListValEmpty(cty.String)
		if len(words) > 0 {
			list = cty.ListVal(words)
		}
		b.Allow = hcl.StaticExpr(list, at(4))
	}
	return b
}

// answeredLimits returns the block limits that an answer stands for. at returns a place for
// each of its arguments.
func answeredLimits(l *external.Limits, at func(line int) hcl.Range) *limitsBlock {
	b := &limitsBlock{
		Sessions: l.Sessions, SessionsRange: at(6), Transfers: l.Transfers, TransfersRange: at(7),
		StoreRequests: l.StoreRequests, StoreRequestsRange: at(8),
	}
	for i, text := range []struct {
		value string
		into  *string
		at    *hcl.Range
	}{
		{l.BandwidthUp, &b.BandwidthUp, &b.BandwidthUpRange},
		{l.BandwidthDown, &b.BandwidthDown, &b.BandwidthDownRange},
		{l.UploadBytes, &b.UploadBytes, &b.UploadBytesRange},
		{l.UploadBytesPerDay, &b.UploadBytesPerDay, &b.UploadBytesPerDayRange},
	} {
		if text.value != "" {
			*text.into, *text.at = text.value, at(9+i)
		}
	}
	return b
}
