package azauth

import (
	"net/url"
	"strings"
)

// AccountName returns the name of the account for signatures: that of the auth block, or
// else account, or else that in the endpoint of a service, such as "blob" or "queue". There
// it is the first label of the host, or with emulators the first element of the path. "" when
// nothing names it.
func (a *Auth) AccountName(account, endpoint, service string) string {
	if a.Account != "" {
		return a.Account
	}
	if account != "" {
		return account
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	if path := strings.Trim(u.Path, "/"); path != "" {
		return path
	}
	if name, _, ok := strings.Cut(u.Hostname(), "."+service+"."); ok {
		return name
	}
	return ""
}
