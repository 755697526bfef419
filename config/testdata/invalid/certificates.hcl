backend "store" "disk" { root = "/" }
tenant "t" {
  mount "/" { backend = backend.store.disk }
  trusted_user_ca_keys = [
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD ok",
    "cert-authority ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD", # ERROR: Invalid public key
    "", # ERROR: Invalid public key
  ]
  revoked_keys = [
    "SHA256:short", # ERROR: Invalid revoked key
  ]
  user "a" {
    principals = [] # ERROR: Empty list
  }
  user "b" {
    principals = [
      "b",
      "", # ERROR: Empty principal
    ]
  }
}
tenant "u" {
  mount "/" { backend = backend.store.disk }
  trusted_user_ca_keys = [] # ERROR: Empty list
  user "c" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
}
tenant "v" {
  mount "/" { backend = backend.store.disk }
  user "d" {
    authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
    principals      = ["d"] # ERROR: Principals without an authority
  }
  user "e" {} # ERROR: User without a password
}
