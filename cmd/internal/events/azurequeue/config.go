package azurequeue

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/backends/azblob/azauth"
	"github.com/tidegate/tidegate/cmd/internal/events"
	"github.com/tidegate/tidegate/config"
)

// Type returns the type of the blocks `event "azure_queue" "…" {}`.
func Type() config.Type {
	shared := azauth.NewIdentities()
	return events.TypeOf("azure_queue", func() Config { return Config{identities: shared} })
}

// Config is the body of a block.
type Config struct {
	// The storage account in the public cloud.
	Account      string    `hcl:"account,optional"`
	AccountRange hcl.Range `hcl:"account,attr_value_range"`
	// The URL of the queue service instead of the account, for other clouds and the emulator:
	// `"https://contoso.queue.core.usgovcloudapi.net"`.
	Endpoint      string    `hcl:"endpoint,optional"`
	EndpointRange hcl.Range `hcl:"endpoint,attr_value_range"`
	// The queue. It must exist.
	Queue      string    `hcl:"queue"`
	QueueRange hcl.Range `hcl:"queue,attr_value_range"`
	// The one credential: the kinds of [azblob](#azblob) without `"anonymous"`. An identity
	// needs the role Storage Queue Data Message Sender, a SAS the permission `a`.
	Auth []azauth.Auth `hcl:"auth,block"`

	Body hcl.Body `hcl:",body"`

	identities *azauth.Identities // of all blocks
}

var _ events.Config = (*Config)(nil)

var (
	accountName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
	queueName   = regexp.MustCompile(`^[a-z0-9](-?[a-z0-9])+$`)
)

// Validate implements config.Body.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.QueueRange != (hcl.Range{}) && (!queueName.MatchString(c.Queue) || len(c.Queue) < 3 || len(c.Queue) > 63) {
		diags = append(diags, config.Problem(c.QueueRange, "Not a name of a queue",
			"A queue's name has 3 to 63 small letters, digits and hyphens; it begins and ends with a letter or digit, and no two hyphens follow each other."))
	}
	switch {
	case len(c.Auth) == 0:
		diags = append(diags, config.Problem(c.Body.MissingItemRange(), "Missing auth block", "Write one auth block with the credential, such as auth \"managed_identity\" {}."))
	case len(c.Auth) > 1:
		diags = append(diags, config.Problem(c.Auth[1].DefRange, "More than one auth block", "Events are sent with one credential. Remove the others."))
	case c.Auth[0].Kind == azauth.Anonymous:
		diags = append(diags, config.Problem(c.Auth[0].KindRange, "Queues need a credential", "Nobody may write to a queue without one. Write auth \"managed_identity\" {} or another kind."))
	}
	for i := range c.Auth {
		diags = append(diags, c.Auth[i].Validate()...)
	}
	diags = append(diags, c.validatePlace()...)
	if !diags.HasErrors() {
		diags = append(diags, c.validateCredential()...)
	}
	return diags
}

// validatePlace checks account and endpoint.
func (c *Config) validatePlace() hcl.Diagnostics {
	inString := len(c.Auth) == 1 && c.Auth[0].Kind == azauth.ConnectionString
	problem := func(at hcl.Range, summary, detail string) hcl.Diagnostics {
		return hcl.Diagnostics{config.Problem(at, summary, detail)}
	}
	switch {
	case inString && c.Account != "":
		return problem(c.AccountRange, "Account given twice", "The connection string says where the account is. Remove account.")
	case inString && c.Endpoint != "":
		return problem(c.EndpointRange, "Endpoint given twice", "The connection string says where the account is. Remove endpoint.")
	case inString:
		return nil
	case c.Account != "" && c.Endpoint != "":
		return problem(c.EndpointRange, "Both account and endpoint", "The endpoint says where the account is. Remove either.")
	case c.Account == "" && c.Endpoint == "":
		return problem(c.Body.MissingItemRange(), "Missing account", `Write account = "NAME" for an account in the public cloud, or endpoint = "https://NAME.queue.…" for another.`)
	case c.Endpoint == "" && !accountName.MatchString(c.Account):
		return problem(c.AccountRange, "Not a name of an account", "An account's name has 3 to 24 small letters and digits. Write the name alone, without the host; use endpoint for a URL.")
	case c.Endpoint == "":
		return nil
	}
	u, err := url.Parse(c.Endpoint)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return problem(c.EndpointRange, "Not an endpoint", `Write a URL such as "https://contoso.queue.core.windows.net", or "http://127.0.0.1:10001/devstoreaccount1" for the emulator.`)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return problem(c.EndpointRange, "Endpoint holds more than a place", `The credential belongs into the auth block: auth "sas" { token = … }.`)
	case u.Scheme == "http" && len(c.Auth) == 1 && c.Auth[0].NeedsTLS():
		return problem(c.EndpointRange, "Endpoint is not encrypted", fmt.Sprintf("auth %q sends a token that must not be seen. Write https://, or use another credential.", c.Auth[0].Kind))
	}
	return nil
}

// validateCredential checks that the credential can be made.
func (c *Config) validateCredential() hcl.Diagnostics {
	a := &c.Auth[0]
	switch a.Kind {
	case azauth.SharedKey:
		if _, err := azqueue.NewSharedKeyCredential(c.accountName(), a.Key.Reveal()); err != nil || c.accountName() == "" {
			return hcl.Diagnostics{config.Problem(a.KeyRange, "Not an account key", "An account key is base64 text of 88 characters, as the portal shows it under Access keys. The block auth also has the account's name where the endpoint does not have it.")}
		}
	case azauth.SAS:
		if q, err := url.ParseQuery(a.SASToken()); err != nil || !q.Has("sig") {
			return hcl.Diagnostics{config.Problem(a.TokenRange, "Not a shared access signature", `Write the token alone, as in "sv=…&sig=…", without the URL before it.`)}
		}
	case azauth.ConnectionString:
		if _, err := azqueue.NewQueueClientFromConnectionString(a.Value.Reveal(), c.Queue, nil); err != nil {
			return hcl.Diagnostics{config.Problem(a.ValueRange, "Not a connection string", `Write the text that the portal shows under Access keys: "DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…;EndpointSuffix=core.windows.net".`)}
		}
	case azauth.WorkloadIdentity:
		if a.TokenFile != "" {
			return config.CheckFile(a.TokenFile, a.TokenFileRange)
		}
	case azauth.ClientCertificate:
		return append(config.CheckFile(a.CertificateFile, a.CertificateFileRange), config.CheckPrivate(a.CertificateFile, a.CertificateFileRange)...)
	}
	return nil
}

// accountName returns the name for signatures.
func (c *Config) accountName() string {
	return c.Auth[0].AccountName(c.Account, c.Endpoint, "queue")
}

// Open implements events.Config.
func (c *Config) Open(context.Context) (events.Sender, error) {
	a := &c.Auth[0]
	o := Options{URL: strings.TrimRight(c.Endpoint, "/") + "/" + c.Queue, Queue: c.Queue, Audience: a.Audience}
	if c.Account != "" {
		o.URL = "https://" + c.Account + ".queue.core.windows.net/" + c.Queue
	}
	var err error
	switch a.Kind {
	case azauth.SharedKey:
		o.SharedKey, err = azqueue.NewSharedKeyCredential(c.accountName(), a.Key.Reveal())
	case azauth.SAS:
		o.URL += "?" + a.SASToken()
	case azauth.ConnectionString:
		o.ConnectionString = a.Value.Reveal()
	default:
		o.Token, err = c.identities.Of(a)
	}
	if err != nil {
		return nil, fmt.Errorf("azure_queue: auth %q: %w", a.Kind, err)
	}
	return New(o)
}
