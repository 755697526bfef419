tenant "a" {
  defaults {
    user { home = "/${user.name}" }
  }
  mount "/archive" {
    backend = backend.store.disk
    path    = "archive"
  }
  user "two" { password_hash = trimspace(file("../camera.hash")) }
}
