# The users of a tenant are those of an external service, but for one.
backend "store" "disk" { root = "/" }
auth "http" "local" { url = "http://127.0.0.1:8080/login" }
auth "http" "directory" {
  url          = "https://id.example/login?code=${"secret"}"
  token        = "t0ken"
  timeout      = "2s"
  max_requests = 4
}
defaults {
  tenant { auth = auth.http.local }
}
tenant "contoso" {
  auth = auth.http.directory
  mount "/" { backend = backend.store.disk }
  user "admin" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "fabrikam" {
  mount "/" { backend = backend.store.disk }
}
