package config_test

import (
	"strings"
	"testing"

	"github.com/tidegate/tidegate/config"
	"github.com/tidegate/tidegate/internal/hostmemory"
)

func TestTracingOfEnvironment(t *testing.T) {
	tests := []struct {
		name, block string
		env         map[string]string
		endpoint    string // "" for no traces
		problem     string
	}{
		{"no block", "", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, "", ""},
		{"nothing", "tracing {}", nil, "http://localhost:4318/v1/traces", ""},
		{"base", "tracing {}", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a.example/otlp/"}, "https://a.example/otlp/v1/traces", ""},
		{"whole", "tracing {}", map[string]string{
			"OTEL_EXPORTER_OTLP_ENDPOINT": "https://a.example", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://b.example/t",
		}, "https://b.example/t", ""},
		{"block first", `tracing { endpoint = "https://c.example" }`, map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://b.example/t"}, "https://c.example/v1/traces", ""},
		{"whole in the block", `tracing { endpoint = "https://c.example/v1/traces" }`, nil, "https://c.example/v1/traces", ""},
		{"in clear", "tracing {}", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a.example"}, "", "insecure = true"},
		{"in clear, allowed", "tracing { insecure = true }", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://a.example:4318"}, "http://a.example:4318/v1/traces", ""},
		{"gRPC", "tracing {}", map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "grpc://a.example"}, "", "OTLP over HTTP"},
		{"secret in the URL", `tracing { endpoint = "https://me:s3cret@a.example" }`, nil, "", "belongs into headers"},
		{"disabled", "tracing {}", map[string]string{"OTEL_SDK_DISABLED": "true"}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, name := range []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED"} {
				t.Setenv(name, test.env[name])
			}
			c, diags := config.Load([]config.Source{{Name: "a.hcl", Bytes: []byte(test.block)}}, registry(), hostmemory.Limit{})
			if test.problem != "" {
				if len(diags) != 1 || !strings.Contains(diags[0].Detail, test.problem) || strings.Contains(diags[0].Detail, "s3cret") {
					t.Errorf("%v, want %q", diags, test.problem)
				}
				return
			}
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got := ""
			if c.Tracing != nil {
				got = c.Tracing.Endpoint
			}
			if got != test.endpoint {
				t.Errorf("the endpoint is %q, want %q", got, test.endpoint)
			}
		})
	}
}
