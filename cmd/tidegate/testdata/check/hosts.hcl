backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
  tls {
    mode      = "required"
    cert_file = "@DIR@/other.pem"
    key_file  = "@DIR@/other.key"
  }
}
audit "who" {
  file = "@DIR@/none/audit.log" # WARNING: No such directory
}
tenant "t" {
  hosts = ["ftp.fabrikam.example"] # WARNING: No certificate for a host name
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
