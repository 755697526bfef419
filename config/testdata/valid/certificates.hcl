backend "store" "disk" { root = "/" }

tenant "contoso" {
  # Keys and fingerprints that count no more may be none yet.
  revoked_keys = ["# none yet", "SHA256:7hV9sYe3bAcqL6t3wUe2v1vVbXkFwVrC1v8m2D8d0wE old laptop"]
  trusted_user_ca_keys = ["# two while they change\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD\n",
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
  mount "/" { backend = backend.store.disk }
  # Neither a password nor a key: a certificate lets in.
  user "ann" {}
  user "role" {
    principals = ["ops", "night-shift"]
    login      = "key"
  }
}

tenant "fabrikam" {
  mount "/" { backend = backend.store.disk }
  user "bob" {
    authorized_keys = ["cert-authority,principals=\"bob\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
    principals      = ["robert"]
  }
}
