backend "store" "disk" { root = "/" }
tenant "acme" {
  mount "/" { backend = backend.store.disk }
  limits {
    sessions             = 200
    transfers            = 64
    store_requests       = 32
    bandwidth_up         = "20MiB/s"
    bandwidth_down       = "8kB/s"
    upload_bytes         = "10GiB"
    upload_bytes_per_day = "1TiB"
  }
  user "camera-01" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    limits { sessions = 2 }
  }
  user "camera-02" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    limits {}
  }
}
defaults {
  tenant {
    limits { transfers = 10 }
  }
  user {
    limits {
      sessions     = 5
      upload_bytes = "1GiB"
    }
  }
}
