backend "store" "disk" { root = "/" }
tenant "acme" {
  mount "/" { backend = backend.store.disk }
  limits {
    sessions             = 0 # ERROR: Invalid limit
    transfers            = "many" # ERROR: Unsuitable value type
    store_requests       = -1 # ERROR: Invalid limit
    bandwidth            = "1MiB/s" # ERROR: Unsupported argument
    bandwidth_up         = "20MiB" # ERROR: Invalid rate
    bandwidth_down       = "20 parsecs/s" # ERROR: Invalid rate
    upload_bytes         = "0" # ERROR: Invalid limit
    upload_bytes_per_day = "many" # ERROR: Invalid size
  }
  user "slow" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    limits { bandwidth_up = "1KiB/s" } # ERROR: Bandwidth is too low
  }
  user "twice" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    limits {}
    limits {} # ERROR: Duplicate limits block
  }
}
