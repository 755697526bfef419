backend "store" "disk" { root = "/" }
frontend "narrow" "one" { tenants = ["A", "c"] } # ERROR: Unknown tenant
frontend "narrow" "two" { tenants = [] } # ERROR: Empty list
frontend "narrow" "three" { tenants = ["a", "A"] } # ERROR: Duplicate tenant
tenant "a" {
  hosts = [
    "certified.example",
    "CERTIFIED.example.", # ERROR: Duplicate host name
    "192.0.2.1",          # ERROR: Invalid host name
    "*.a.example",        # ERROR: Invalid host name
    "ftp.a.example:21",   # ERROR: Invalid host name
    "müller.example",     # ERROR: Invalid host name
    "",                   # ERROR: Invalid host name
    "-a.example",         # ERROR: Invalid host name
  ]
  mount "/" { backend = backend.store.disk }
}
tenant "b" {
  hosts = ["certified.example"] # ERROR: Duplicate host name
  mount "/" { backend = backend.store.disk }
}
tenant "d" {
  hosts = [] # ERROR: Empty list
  mount "/" { backend = backend.store.disk }
}
tenant "e" {
  mount "/" { backend = backend.store.disk }
  user "half" { # ERROR: User without a password
    login = "certificate_and_password"
  }
}
