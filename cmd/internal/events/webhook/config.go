package webhook

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tidegate/tidegate/cmd/internal/events"
	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/notify"
)

// Type returns the type of the blocks `event "webhook" "…" {}`.
func Type() config.Type {
	return events.TypeOf("webhook", func() Config { return Config{Batch: 1} })
}

// Config is the body of a block.
type Config struct {
	// The URL to which events are sent, with HTTPS: `"https://ingest.contoso.example/events"`.
	// HTTP is allowed only to this machine. Redirects are not followed.
	URL      string    `hcl:"url"`
	URLRange hcl.Range `hcl:"url,attr_value_range"`
	// The secrets with which requests are signed. Each is `whsec_` and the base64 text of 24 to
	// 64 random bytes. With several secrets, each request has a signature of each. To change the
	// secret, add the new one, then let the receiver use it, then remove the old one.
	Secrets      []config.Secret `hcl:"secrets"`
	SecretsRange hcl.Range       `hcl:"secrets,attr_value_range"`
	// How many events one request may have, up to 1000. With 1, each request is a single event.
	// With 2 or more, each request is a batch of CloudEvents, a JSON array, even if it has only
	// one event: the receiver must support this format. A batch has at most 256 KiB. Default:
	// `1`.
	Batch      int       `hcl:"batch,optional"`
	BatchRange hcl.Range `hcl:"batch,attr_value_range"`
	// How long an event waits for others of its batch, up to 10 seconds. A batch that is full is
	// sent at once. Default: `"100ms"`, and `"10ms"` where replies wait for the events.
	BatchWait      string    `hcl:"batch_wait,optional"`
	BatchWaitRange hcl.Range `hcl:"batch_wait,attr_value_range"`
	// A token that is sent with each event, as `Authorization: Bearer`. Default: none.
	Token      config.Secret `hcl:"token,optional"`
	TokenRange hcl.Range     `hcl:"token,attr_value_range"`
	// The PEM file with the authorities that the certificate of the receiver must come from.
	// Default: those of the system.
	CAFile      string    `hcl:"ca_file,optional"`
	CAFileRange hcl.Range `hcl:"ca_file,attr_value_range"`
	// The PEM file with a certificate that the gateway shows to the receiver, and its chain.
	// Default: none.
	CertFile      string    `hcl:"cert_file,optional"`
	CertFileRange hcl.Range `hcl:"cert_file,attr_value_range"`
	// The PEM file with the private key of that certificate.
	KeyFile      string    `hcl:"key_file,optional"`
	KeyFileRange hcl.Range `hcl:"key_file,attr_value_range"`

	batchWait time.Duration // set by Validate
}

var (
	_ events.Config   = (*Config)(nil)
	_ config.Batching = (*Config)(nil)
)

// Validate implements config.Body.
func (c *Config) Validate() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.URLRange != (hcl.Range{}) {
		if remedy := config.CheckServiceURL(c.URL, "https://ingest.contoso.example/events", "Names of files"); remedy != "" {
			diags = append(diags, config.Problem(c.URLRange, "Invalid URL", remedy))
		}
	}
	if c.SecretsRange != (hcl.Range{}) {
		if len(c.Secrets) == 0 {
			diags = append(diags, config.Problem(c.SecretsRange, "No secret", "The receiver could not tell the gateway from others. "+newSecret))
		}
		for _, s := range c.Secrets {
			if _, err := parseSecret(s.Reveal()); err != nil {
				diags = append(diags, config.Problem(c.SecretsRange, "Invalid secret", sentence(err)+newSecret))
				break
			}
		}
	}
	diags = append(diags, c.validateBatch()...)
	diags = append(diags, config.CheckToken(c.Token, c.TokenRange)...)
	if c.CAFile != "" {
		diags = append(diags, config.CheckAuthorities(c.CAFile, c.CAFileRange)...)
	}
	switch {
	case c.CertFile == "" && c.KeyFile != "":
		diags = append(diags, config.Problem(c.KeyFileRange, "Key without a certificate", "Write both cert_file and key_file, or none of them."))
	case c.CertFile != "" && c.KeyFile == "":
		diags = append(diags, config.Problem(c.CertFileRange, "Certificate without a key", "Write both cert_file and key_file, or none of them."))
	case c.CertFile != "":
		diags = append(diags, config.CheckCertificate(c.CertFile, c.KeyFile, c.CertFileRange, c.KeyFileRange)...)
	}
	return diags
}

const (
	maxBatch     = 1000
	maxBatchWait = 10 * time.Second
)

// validateBatch checks batch and batch_wait.
func (c *Config) validateBatch() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if c.Batch < 1 || c.Batch > maxBatch {
		diags = append(diags, config.Problem(c.BatchRange, "Invalid number", fmt.Sprintf("Write a number from 1 to %d.", maxBatch)))
	}
	if c.BatchWaitRange == (hcl.Range{}) {
		return diags
	}
	d, problems := config.ParseDuration(c.BatchWait, c.BatchWaitRange)
	diags = append(diags, problems...)
	switch {
	case problems.HasErrors():
	case d <= 0 || d > maxBatchWait:
		diags = append(diags, config.Problem(c.BatchWaitRange, "Invalid time", `Write a time up to "10s".`))
	case c.Batch == 1:
		diags = append(diags, config.Problem(c.BatchWaitRange, "No batches", "Each request is one event, which waits for no others. Write batch = 100, or remove batch_wait."))
	}
	c.batchWait = d
	return diags
}

// Batches implements config.Batching.
func (c *Config) Batches() (b notify.Batch, at hcl.Range) {
	if c.Batch > 1 {
		b = notify.Batch{Events: c.Batch, Wait: c.batchWait}
	}
	return b, c.BatchWaitRange
}

const newSecret = "Make one: printf 'whsec_%s\\n' \"$(openssl rand -base64 32)\""

// sentence returns the text of an error as a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + ". "
}

// Open implements events.Config.
func (c *Config) Open(context.Context) (events.Sender, error) {
	o := Options{URL: c.URL, Token: c.Token.Reveal()}
	for _, s := range c.Secrets {
		secret, err := parseSecret(s.Reveal())
		if err != nil {
			return nil, err
		}
		o.Secrets = append(o.Secrets, secret)
	}
	var err error
	if o.TLS, err = config.ClientTLS(c.CAFile, c.CertFile, c.KeyFile); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return New(o), nil
}
