package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Authority is an external service that decides about logins.
type Authority struct {
	Name  string
	URL   string
	Token Secret
	// CAFile has the authorities of the service's certificate. "" means the authorities of the
	// system. CertFile and KeyFile are the gateway's certificate, "" for none.
	CAFile, CertFile, KeyFile string
	// Timeout is how long one request may take, Requests how many there are at once.
	Timeout  time.Duration
	Requests int
}

const (
	defaultAuthorityTimeout  = 5 * time.Second
	maxAuthorityTimeout      = 30 * time.Second
	defaultAuthorityRequests = 16
)

type authorityBlock struct {
	// The URL to which each login is sent, with HTTPS: `"https://id.contoso.example/tidegate"`.
	// HTTP is allowed only to this machine. Required.
	URL      string    `hcl:"url"`
	URLRange hcl.Range `hcl:"url,attr_value_range"`
	// A token that is sent with each request, as `Authorization: Bearer`. Default: none.
	Token      Secret    `hcl:"token,optional"`
	TokenRange hcl.Range `hcl:"token,attr_value_range"`
	// The PEM file with the authorities that the certificate of the service must come
	// from. Default: those of the system.
	CAFile      string    `hcl:"ca_file,optional"`
	CAFileRange hcl.Range `hcl:"ca_file,attr_value_range"`
	// The PEM file with a certificate that the gateway shows to the service, and its chain.
	// Default: none.
	CertFile      string    `hcl:"cert_file,optional"`
	CertFileRange hcl.Range `hcl:"cert_file,attr_value_range"`
	// The PEM file with the private key of that certificate.
	KeyFile      string    `hcl:"key_file,optional"`
	KeyFileRange hcl.Range `hcl:"key_file,attr_value_range"`
	// How long one login may wait for its turn and for the answer, up to 30 seconds.
	// Default: `"5s"`.
	Timeout      string    `hcl:"timeout,optional"`
	TimeoutRange hcl.Range `hcl:"timeout,attr_value_range"`
	// How many requests there are at once. Further logins wait; client addresses take turns.
	// Default: `16`.
	MaxRequests      *int      `hcl:"max_requests,optional"`
	MaxRequestsRange hcl.Range `hcl:"max_requests,attr_value_range"`
}

// authorities reads the blocks auth and returns them by "http.NAME".
func (l *loader) authorities(blocks hcl.Blocks) map[string]*Authority {
	all := map[string]*Authority{}
	places := map[string]hcl.Range{}
	for _, b := range blocks {
		if b.Labels[0] != "http" {
			l.problem(b.LabelRanges[0], "Unknown type of auth", fmt.Sprintf("There is no auth of the type %q.%s", b.Labels[0], choices(b.Labels[0], []string{"http"})))
			all[b.Labels[0]+"."+b.Labels[1]] = &Authority{Name: b.Labels[1]}
			continue
		}
		ref := b.Labels[0] + "." + b.Labels[1]
		if first, ok := places[ref]; ok {
			l.problem(b.LabelRanges[1], "Duplicate auth", fmt.Sprintf("auth %q %q is already defined at %s. Rename one of them.", b.Labels[0], b.Labels[1], place(first)))
			continue
		}
		places[ref] = b.LabelRanges[1]
		all[ref] = l.authority(b)
		l.config.Authorities = append(l.config.Authorities, all[ref])
	}
	return all
}

func (l *loader) authority(b *hcl.Block) *Authority {
	var body authorityBlock
	l.decode(b, &body)
	a := &Authority{
		Name: b.Labels[1], URL: body.URL, Token: body.Token, CAFile: body.CAFile, CertFile: body.CertFile, KeyFile: body.KeyFile,
		Timeout: defaultAuthorityTimeout, Requests: defaultAuthorityRequests,
	}
	if body.URLRange != (hcl.Range{}) {
		if remedy := CheckServiceURL(body.URL, "https://id.contoso.example/tidegate", "Passwords"); remedy != "" {
			l.problem(body.URLRange, "Invalid URL", remedy)
		}
	}
	l.report(body.TokenRange, CheckToken(body.Token, body.TokenRange))
	if body.CAFileRange != (hcl.Range{}) {
		l.report(body.CAFileRange, CheckAuthorities(body.CAFile, body.CAFileRange))
	}
	switch {
	case (body.CertFile == "") != (body.KeyFile == ""):
		l.problem(b.DefRange, "Certificate without a key", "Write both cert_file and key_file, or none of them.")
	case body.CertFile != "":
		l.report(b.DefRange, CheckCertificate(body.CertFile, body.KeyFile, body.CertFileRange, body.KeyFileRange))
	}
	if body.TimeoutRange != (hcl.Range{}) {
		d, diags := ParseDuration(body.Timeout, body.TimeoutRange)
		l.report(body.TimeoutRange, diags)
		if !diags.HasErrors() && (d <= 0 || d > maxAuthorityTimeout) {
			l.problem(body.TimeoutRange, "Invalid time-out", `Write a time up to "30s": clients do not wait longer for a login.`)
		}
		a.Timeout = d
	}
	if body.MaxRequests != nil {
		if a.Requests = *body.MaxRequests; a.Requests < 1 {
			l.problem(body.MaxRequestsRange, "Invalid number", "Write a number from 1 on, such as 16.")
		}
	}
	return a
}

// authorityOf resolves a tenant's reference to a block auth.
func (l *loader) authorityOf(expr hcl.Expression, all map[string]*Authority) *Authority {
	if expr.Range().Empty() {
		return nil
	}
	var known []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		known = append(known, "auth."+name)
	}
	defined := " No auth is defined."
	if len(known) > 0 {
		defined = " Defined: " + strings.Join(known, ", ") + "."
	}
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	parts, ok := partsOf(traversal)
	if diags.HasErrors() || !ok || parts[0] != "auth" {
		l.problem(expr.Range(), "Invalid reference to an auth", "Write auth.http.NAME without quotes, with the labels of a block auth."+defined)
		return nil
	}
	found, ok := all[parts[1]+"."+parts[2]]
	if !ok {
		ref := strings.Join(parts, ".")
		near := ""
		if n := Nearest(ref, known); n != "" {
			near = " Did you mean " + n + "?"
		}
		l.problem(expr.Range(), "Unknown auth", fmt.Sprintf("There is no block auth %q %q.%s%s", parts[1], parts[2], near, defined))
		return nil
	}
	return found
}
