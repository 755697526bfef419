backend "store" "disk" { root = "/" }
tenant "contoso" {
  mount "/" { backend = backend.store.disk }
  defaults {
    user { password_max_age_days = 36500 }
  }
  user "ops" {
    password_hash         = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    password_changed      = "2026-11-30"
    password_max_age_days = 73000
  }
  user "keyed" {
    authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
  }
  users_file = "../users/aged.users"
}
