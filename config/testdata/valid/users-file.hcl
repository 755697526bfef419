backend "store" "disk" { root = "/" }
tenant "contoso" {
  mount "/" { backend = backend.store.disk }
  user "ops" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  user "guest" {
    enabled   = false
    expires   = "2126-01-31"
    on_change = "end"
    protocols = ["ftps", "sftp"]
  }
  user "later" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    enabled       = true
    expires       = "2126-01-31T18:00:00+01:00"
    on_change     = "keep"
  }
  networks   = ["203.0.113.0/24"]
  users_file = "../users/contoso.users"
}
tenant "certified" {
  mount "/" { backend = backend.store.disk }
  trusted_user_ca_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
  users_file           = "../users/certified.users"
}
