backend "store" "disk" { root = "/" }
auth "ldap" "x" { url = "https://id.example/" } # ERROR: Unknown type of auth
auth "http" "none" {} # ERROR: Missing required argument
auth "http" "clear" { url = "http://id.example/" } # ERROR: Invalid URL
auth "http" "user" { url = "https://u:p@id.example/" } # ERROR: Invalid URL
auth "http" "scheme" { url = "ldap://127.0.0.1/" } # ERROR: Invalid URL
auth "http" "host" { url = "https:///login" } # ERROR: Invalid URL
auth "http" "path" { url = "/login" } # ERROR: Invalid URL
auth "http" "twice" { url = "https://id.example/" }
auth "http" "twice" { url = "https://id.example/" } # ERROR: Duplicate auth
auth "http" "misspelt" {
  ulr = "https://id.example/" # ERROR: Unsupported argument
}
auth "http" "more" {
  url          = "https://id.example/"
  token        = "a b"       # ERROR: Invalid token
  timeout      = "1m"        # ERROR: Invalid time-out
  max_requests = 0           # ERROR: Invalid number
  ca_file      = "testdata/invalid/auth.hcl" # ERROR: No certificate of an authority
}
auth "http" "half" { # ERROR: Certificate without a key
  url       = "https://id.example/"
  cert_file = "/nowhere.crt"
}
tenant "a" {
  auth = "http.twice" # ERROR: Invalid reference to an auth
  mount "/" { backend = backend.store.disk }
}
tenant "b" {
  auth = auth.http.twcie # ERROR: Unknown auth
  mount "/" { backend = backend.store.disk }
}
tenant "c" {
  auth = backend.store.disk # ERROR: Invalid reference to an auth
  mount "/" { backend = backend.store.disk }
}
tenant "d" {
  auth = auth.ldap.x
  mount "/" { backend = backend.store.disk }
}
