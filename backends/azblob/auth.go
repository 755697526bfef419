package azblob

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/tidegate/tidegate/backends/azblob/azauth"
)

// serviceURL returns the URL of the blob service without a slash at the end, "" when the
// connection string contains it.
func (c *Config) serviceURL() string {
	if c.Account != "" {
		return "https://" + c.Account + ".blob.core.windows.net"
	}
	return strings.TrimRight(c.Endpoint, "/")
}

// accountName returns the name for signatures.
func (c *Config) accountName() string {
	return c.Auth[0].AccountName(c.Account, c.Endpoint, "blob")
}

func sharedKey(a *azauth.Auth, account string) (*azblob.SharedKeyCredential, error) {
	return azblob.NewSharedKeyCredential(account, a.Key.Reveal())
}

// sasIn returns the SAS in a connection string, or "".
func sasIn(text string) string {
	for setting := range strings.SplitSeq(text, ";") {
		if token, ok := strings.CutPrefix(setting, "SharedAccessSignature="); ok {
			return strings.TrimPrefix(token, "?")
		}
	}
	return ""
}

// isConnectionString reports whether the SDK understands text.
func isConnectionString(text, containerName string) bool {
	_, err := container.NewClientFromConnectionString(text, containerName, nil)
	return err == nil
}

// credential sets the place and the credential of o.
func (c *Config) credential(o *Options) (err error) {
	a := &c.Auth[0]
	o.ContainerURL = c.serviceURL() + "/" + url.PathEscape(c.Container)
	switch a.Kind {
	case azauth.SharedKey:
		o.SharedKey, err = sharedKey(a, c.accountName())
	case azauth.SAS:
		o.ContainerURL += "?" + a.SASToken()
	case azauth.ConnectionString:
		o.ConnectionString, o.ContainerURL = a.Value.Reveal(), c.Container
	case azauth.Anonymous:
	default:
		o.Token, err = c.identities.Of(a)
	}
	o.Audience = a.Audience
	o.Place = a.Place()
	if err != nil {
		return fmt.Errorf("azblob: auth %q: %w", a.Kind, err)
	}
	return nil
}

// sasNotice is how long before the end of a SAS the log warns of it.
const sasNotice = 14 * 24 * time.Hour

// endOfSAS returns a text when a SAS has expired or expires soon, otherwise "".
func endOfSAS(token string, now time.Time) string {
	q, err := url.ParseQuery(token)
	if err != nil {
		return ""
	}
	until, ok := sasTime(q, "se")
	switch left := until.Sub(now); {
	case !ok || left > sasNotice:
		return ""
	case left <= 0:
		return "It has expired at " + until.Format(time.RFC3339) + "."
	default:
		return fmt.Sprintf("It expires at %s, in %d days.", until.Format(time.RFC3339), int(left/(24*time.Hour)))
	}
}
