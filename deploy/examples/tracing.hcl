# A gateway that sends OpenTelemetry traces to a collector on this machine, such as Jaeger
# (jaegertracing/all-in-one) or the OpenTelemetry Collector, which listen on port 4318:
#
#   mkdir -p files
#   tidegate serve tracing.hcl
#
# For a collector elsewhere write its https:// address, and what it wants as headers:
#   headers = { authorization = "Bearer ${env("OTEL_TOKEN")}" }

tracing {
  endpoint     = "http://127.0.0.1:4318"
  service_name = "ingest"
  sample_ratio = 0.1 # one of ten sessions
}

frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122"
  }
}

backend "local" "files" {
  root = "files"
}

tenant "contoso" {
  mount "/" {
    backend = backend.local.files
  }
  user "upload" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
  }
}
