backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
event "webhook" "plain" {
  url     = "https://ingest.contoso.example/tenants/contoso-cameras-of-2026/events"
  secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
}
event "webhook" "token-in-path" {
  url     = "https://hooks.contoso.example/services/T024BE7LD/b0mWx3sTnQ7kP9vLr2YdHf5c" # WARNING: Every user may read a secret
  secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
}
