backend "store" "disk" { root = "/" }
tenant "a" {
  mount "/" { backend = backend.store.disk }
  user "upload" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  user "Upload" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Ambiguous login
  user "k" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  user "\u212a" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Ambiguous login
}
tenant "b" {
  mount "/" { backend = backend.store.disk }
  user "UPLOAD" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  user "k@A" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Ambiguous login
  user "fine" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "A" { # ERROR: Duplicate tenant
  mount "/" { backend = backend.store.disk }
}
tenant "" { # ERROR: Invalid tenant name
  mount "/" { backend = backend.store.disk }
}
tenant "c/d" { # ERROR: Invalid tenant name
  mount "/" { backend = backend.store.disk }
}
