# The other part of this tenant is in north/a.hcl.
tenant "a" {
  mount "/" { backend = backend.store.disk }
  user "one" { password_hash = trimspace(file("../camera.hash")) }
}
