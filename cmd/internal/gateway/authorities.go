package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/auth/external"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/vfs"
)

// openAuthorities makes the clients of the external services, by the blocks.
func openAuthorities(p *process, c *config.Config) (map[*config.Authority]*external.Client, error) {
	all := make(map[*config.Authority]*external.Client, len(c.Authorities))
	for _, a := range c.Authorities {
		secure, err := config.ClientTLS(a.CAFile, a.CertFile, a.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("auth http.%s: %w", a.Name, err)
		}
		all[a] = external.New(external.Options{
			URL: a.URL, TLS: secure, Token: a.Token.Reveal(), Timeout: a.Timeout, Node: c.Node.Name,
			Turns: p.ledger.Resource("logins at auth http."+a.Name, int64(a.Requests)),
		})
	}
	return all, nil
}

// authority decides about the logins of one tenant by asking a service.
type authority struct {
	client *external.Client
	config *config.Tenant
	// tenant has the mounts of config, in its order.
	tenant *tenant.Tenant
	limits *limits.Registry
	// changed is called after each change.
	changed vfs.Notify
}

var _ auth.Authority = (*authority)(nil)

// Ask implements auth.Authority.
func (a *authority) Ask(ctx context.Context, q auth.Question) (auth.Decision, error) {
	r := external.Request{
		Tenant: q.Tenant, Username: q.User, Password: q.Password, Method: external.MethodPassword,
		StillAllowed: q.StillAllowed, Protocol: strings.ToUpper(q.Protocol), SourceIP: q.From.Unmap().String(), Host: q.Host,
	}
	if s := session.From(ctx); s != nil {
		r.Session = s.ID
	}
	if q.Key != nil {
		r.Method, r.PublicKey = external.MethodKey, q.PublicKey()
	}
	answer, err := a.client.Ask(ctx, r)
	switch {
	case errors.Is(err, external.ErrRefused):
		return auth.Decision{}, auth.Refusal(err.Error())
	case err != nil:
		return auth.Decision{}, err
	}
	return a.decision(q, answer)
}

// decision makes the user of one session from an answer. What the answer says of the tree
// is checked as in the configuration.
func (a *authority) decision(q auth.Question, answer *external.Answer) (auth.Decision, error) {
	// Letter case does not matter: all sessions of a user have one name.
	name := strings.ToLower(q.User)
	u, chosen, err := a.config.Answered(name, answer)
	if err != nil {
		return auth.Decision{}, err
	}
	var mounts []vfs.Mount
	for _, m := range a.tenant.Mounts {
		for _, c := range chosen {
			if c.At == m.At {
				mounts = append(mounts, m)
			}
		}
	}
	limited := a.limits.Limited(a.config.Name, name, u.Limits)
	options := viewOptions(a.tenant, u, limited, a.changed)
	options.Mounts = mounts
	view, err := vfs.NewView(options)
	if err != nil {
		return auth.Decision{}, err
	}
	v := auth.Decision{Account: &auth.Account{
		Tenant: a.config.Name, Name: name, Disabled: u.Disabled, Revoked: a.config.Revoked, Factors: u.Factors, Principals: u.Principals,
		Networks: u.Networks, TenantNetworks: a.config.Networks, Protocols: u.Protocols, Expires: u.Expires,
		User: &tenant.User{Tenant: a.tenant, Name: name, View: view, Limits: limited, Uploads: u.Uploads, Dialect: u.Dialect},
	}}
	switch {
	case q.Key == nil || answer.PublicKeys == nil:
	case len(answer.PublicKeys) == 0:
		return auth.Decision{}, auth.Refusal("the authority knows no key of the user")
	default:
		v.Keys = true
		if v.Account.Keys, err = auth.ParseKeys(strings.Join(answer.PublicKeys, "\n")); err != nil {
			return auth.Decision{}, fmt.Errorf("the answer cannot be applied: public_keys: %w", err)
		}
	}
	return v, nil
}
