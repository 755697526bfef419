backend "store" "disk" { root = "/" }
tenant "contoso" {
  mount "/" { backend = backend.store.disk }
}
event "mail" "x" {} # ERROR: Unknown type of event
event "hook" "twice" { to = "a" }
event "hook" "twice" { to = "a" } # ERROR: Duplicate event
event "hook" "misspelt" {
  to       = "a"
  delivry  = "best_effort" # ERROR: Unsupported argument
}
event "hook" "none" {} # ERROR: Missing required argument
event "hook" "values" {
  to           = "a"
  delivery     = "later"           # ERROR: Invalid value for delivery
  timeout      = "2m"              # ERROR: Invalid time
  retry_for    = "0s"              # ERROR: Invalid time
  buffer       = 0                 # ERROR: Invalid number
  max_requests = 1000              # ERROR: Invalid number
  types        = ["file.commited"] # ERROR: Unknown type of event
  tenants      = ["fabrikam"]      # ERROR: Unknown tenant
  paths        = ["incoming"]      # ERROR: Invalid path
  names        = ["["]             # ERROR: Invalid pattern
}
event "hook" "wait" {
  to   = "a"
  wait = "5s" # ERROR: Nothing waits
}
