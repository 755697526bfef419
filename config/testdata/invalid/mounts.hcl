backend "store" "disk" { root = "/" }
tenant "none" {} # ERROR: Tenant without a mount
tenant "t" {
  mount "/" {} # ERROR: Mount without a backend
  mount "/a" { backend = "backend.store.disk" } # ERROR: Invalid reference to a backend
  mount "/b" { backend = backend.store } # ERROR: Invalid reference to a backend
  mount "/c" { backend = backend.store.disc } # ERROR: Unknown backend
  mount "/d" { backend = backend.stor["disk"] } # ERROR: Unknown backend
  mount "/e" { backend = null } # ERROR: Invalid reference to a backend
  mount "/f" { backend = backend.store.disk }
  mount "//f/" { backend = backend.store.disk } # ERROR: Duplicate mount
  mount "g" { backend = backend.store.disk } # ERROR: Invalid path
  mount "/../h" { backend = backend.store.disk } # ERROR: Invalid path
  mount "/i\u0000" { backend = backend.store.disk } # ERROR: Invalid path
  mount "/j" {
    backend       = backend.store.disk
    path          = "a/../b" # ERROR: Invalid path
    access        = "write" # ERROR: Invalid value for access
    parents       = "make" # ERROR: Invalid value for parents
    cache_control = "no-cache\r\nX-Evil: 1" # ERROR: Invalid cache_control
    content_types = {
      log      = "text plain" # ERROR: Invalid content type
      "tar.gz" = "application/gzip" # ERROR: Invalid extension
      ""       = "text/plain" # ERROR: Invalid extension
      good     = "text/plain"
      ".GOOD"  = "text/plain" # ERROR: Duplicate extension
    }
  }
  mount "/k" {
    backend       = backend.store.disk
    content_types = ["log"] # ERROR: Unsuitable value
  }
  mount "/l" {
    backend       = backend.store.disk
    content_types = { log = null } # ERROR: Unsuitable value
  }
}
