tracing {
  endpoint     = "http://otel.contoso.example:4318" # ERROR: Invalid endpoint
  ca_file      = "testdata/invalid/tracing.hcl" # ERROR: No certificate of an authority
  headers      = { "x api key" = "a" } # ERROR: Invalid header
  sample_ratio = 1.5 # ERROR: Invalid ratio
  paths        = "some" # ERROR: Unsuitable value type
  exporter     = "otlp" # ERROR: Unsupported argument
}
tracing {} # ERROR: Duplicate block
