package config

import (
	"cmp"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"golang.org/x/net/http/httpguts"
)

// Tracing says which sessions are traced, and where their spans go.
type Tracing struct {
	// Endpoint is the whole URL that spans are sent to.
	Endpoint string
	// Headers are sent with each request, nil for those of the environment.
	Headers map[string]Secret
	// CAFile has the authorities that the collector's certificate must come from, "" for
	// those of the environment or of the system.
	CAFile string
	// Service is the name of the service, "" for that of the environment.
	Service string
	// Ratio is the part of the sessions that is traced, nil for that of the environment.
	Ratio *float64
	// Paths adds paths to the spans.
	Paths bool
	// Queue is how many spans may wait, 0 for the default.
	Queue int
}

type tracingBlock struct {
	// The address of the collector, `"https://otel.contoso.example:4318"`: spans are sent to
	// `/v1/traces` below it, in OTLP over HTTP. `http://` is allowed to this machine, and
	// elsewhere with `insecure`. Default: the variable OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or
	// OTEL_EXPORTER_OTLP_ENDPOINT, else `"http://localhost:4318"`.
	Endpoint      string    `hcl:"endpoint,optional"`
	EndpointRange hcl.Range `hcl:"endpoint,attr_value_range"`
	// Whether spans and headers may travel in clear to other machines. Default: `false`.
	Insecure *bool `hcl:"insecure,optional"`
	// The PEM file with the authorities that the certificate of the collector must come from.
	// Default: the variable OTEL_EXPORTER_OTLP_CERTIFICATE, else those of the system.
	CAFile      string    `hcl:"ca_file,optional"`
	CAFileRange hcl.Range `hcl:"ca_file,attr_value_range"`
	// Headers that are sent with each request, such as
	// `{ authorization = "Bearer ${env("OTEL_TOKEN")}" }`. Default: the variable
	// OTEL_EXPORTER_OTLP_HEADERS, else none.
	Headers      map[string]Secret `hcl:"headers,optional"`
	HeadersRange hcl.Range         `hcl:"headers,attr_value_range"`
	// The attribute `service.name` of the spans. Default: the variable OTEL_SERVICE_NAME, else
	// `"tidegate"`.
	ServiceName string `hcl:"service_name,optional"`
	// The part of the sessions that is traced, from `0` to `1`. Default: the variables
	// OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, else `1`, all.
	SampleRatio      *float64  `hcl:"sample_ratio,optional"`
	SampleRatioRange hcl.Range `hcl:"sample_ratio,attr_value_range"`
	// Whether the spans of operations have paths. Default: `false`.
	Paths *bool `hcl:"paths,optional"`
}

const (
	defaultCollector = "http://localhost:4318"
	tracesPath       = "/v1/traces"
)

// tracingReader reads the block tracing.
type tracingReader struct {
	ec *hcl.EvalContext
	// report reports problems of a block.
	report func(block hcl.Range, diags hcl.Diagnostics)
}

func (r *tracingReader) problem(at hcl.Range, summary, detail string) {
	r.report(at, hcl.Diagnostics{Problem(at, summary, detail)})
}

// read returns what the block says, nil where there is none.
func (r *tracingReader) read(b *hcl.Block) *Tracing {
	if b == nil {
		return nil
	}
	var body tracingBlock
	r.report(b.DefRange, gohcl.DecodeBody(b.Body, r.ec, &body))
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil
	}
	t := &Tracing{
		Headers: body.Headers, CAFile: body.CAFile, Service: body.ServiceName, Ratio: body.SampleRatio, Paths: body.Paths != nil && *body.Paths,
		Endpoint: r.collector(b.DefRange, &body),
	}
	if n, err := strconv.Atoi(os.Getenv("OTEL_BSP_MAX_QUEUE_SIZE")); err == nil && n > 0 {
		t.Queue = n
	}
	if body.CAFileRange != (hcl.Range{}) {
		r.report(b.DefRange, CheckAuthorities(t.CAFile, body.CAFileRange))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(t.Headers[name].Reveal()) {
			r.problem(body.HeadersRange, "Invalid header", "The name of a header has letters, digits and dashes, its value is on one line. Does the file or variable end with a line end? Write trimspace(…) around it.")
			break
		}
	}
	if ratio := body.SampleRatio; ratio != nil && !(*ratio >= 0 && *ratio <= 1) {
		r.problem(body.SampleRatioRange, "Invalid ratio", "Write a number from 0 to 1: 0.1 traces one of ten sessions.")
	}
	return t
}

// collector returns the URL that spans are sent to.
func (r *tracingReader) collector(block hcl.Range, body *tracingBlock) string {
	text, at, written := body.Endpoint, body.EndpointRange, body.EndpointRange != (hcl.Range{})
	if !written {
		text, at = collectorOfEnvironment(), block
	}
	insecure := body.Insecure != nil && *body.Insecure
	u, remedy := checkCollector(text, insecure)
	switch {
	case remedy == "":
	case !written:
		r.problem(at, "Invalid collector in the environment", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT: "+remedy)
	default:
		r.problem(at, "Invalid endpoint", remedy)
	}
	if remedy == "" && written && !strings.HasSuffix(u.Path, tracesPath) {
		return u.JoinPath(tracesPath).String()
	}
	return text
}

// collectorOfEnvironment returns the URL that the environment names.
func collectorOfEnvironment() string {
	if whole := os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"); whole != "" {
		return whole
	}
	base := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"), defaultCollector)
	return strings.TrimSuffix(base, "/") + tracesPath
}

// checkCollector returns a URL, and what to write instead of a wrong one.
func checkCollector(text string, insecure bool) (u *url.URL, remedy string) {
	const example = "https://otel.contoso.example:4318"
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return nil, `Write a whole URL: "` + example + `".`
	}
	addr, errAddr := netip.ParseAddr(u.Hostname())
	local := u.Hostname() == "localhost" || errAddr == nil && addr.IsLoopback()
	switch {
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "Write the URL without a user and without the part from ? or # on. A secret belongs into headers."
	case u.Scheme == "http" && !local && !insecure:
		return nil, "Spans and headers would travel in clear. Write an https:// URL, or insecure = true."
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "Spans are sent in OTLP over HTTP. Write an https:// or http:// URL; its port is 4318 for most collectors, and 4317, that of gRPC, is not supported."
	}
	return u, ""
}
