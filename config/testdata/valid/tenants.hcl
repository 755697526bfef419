# Users of several tenants may have one name, and a frontend may serve some tenants.
backend "store" "disk" { root = "/" }
frontend "narrow" "one" { tenants = ["CONTOSO"] }
frontend "narrow" "all" {}
frontend "server" "other" { listen = ":21" }
tenant "contoso" {
  hosts = ["Certified.example."]
  mount "/" { backend = backend.store.disk }
  user "upload" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "fabrikam" {
  mount "/" { backend = backend.store.disk }
  user "Upload" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "devices" {
  mount "/" { backend = backend.store.disk }
  user "camera" {
    login      = "certificate"
    principals = ["device-7"]
  }
  user "ops" {
    login         = "certificate_and_password"
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  }
}
