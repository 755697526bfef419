backend "store" "disk" { root = "/" }
frontend "server" "one" { listen = "127.0.0.1:21" }
tenant "Contoso" {
  mount "/" { backend = backend.store.disk }
}
event "hook" "plain" { to = "a" }
event "hook" "full" {
  to           = "b"
  delivery     = "before_reply"
  wait         = "5s"
  types        = ["file.committed", "file.renamed"]
  tenants      = ["contoso"]
  paths        = ["/incoming/", "/a/b"]
  names        = ["*.csv"]
  timeout      = "3s"
  max_requests = 2
  buffer       = 10
  retry_for    = "1h"
}
dynamic "event" {
  for_each = ["c", "d"]
  labels   = ["hook", event.value]
  content {
    to = event.value
  }
}
