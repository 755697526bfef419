tracing {
  endpoint     = "http://otel.contoso.example:4318/otlp/"
  insecure     = true
  headers      = { authorization = "Bearer s3cret-t0ken" }
  service_name = "ingest"
  sample_ratio = 0.25
  paths        = true
}
