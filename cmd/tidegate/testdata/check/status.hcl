frontend "status" "open" {
  listen = "0.0.0.0:9101" # ERROR: Status is open to other hosts
}
frontend "status" "without-token" {
  listen = "[::]:9102" # ERROR: Status is open to other hosts
  tls {
    cert_file = "@DIR@/other.pem"
    key_file  = "@DIR@/other.key"
  }
}
frontend "status" "guessable" {
  listen = "127.0.0.1:9103"
  token  = "a fifteen bytes" # ERROR: Token too short
}
frontend "status" "empty" {
  listen      = "127.0.0.1" # ERROR: Invalid address to listen on
  token       = "" # ERROR: Token too short
  socket_mode = "rw" # ERROR: Invalid mode of a socket
}
frontend "status" "relative" {
  listen      = "unix:status.sock" # ERROR: Invalid path of a socket
  socket_mode = "1777" # ERROR: Invalid mode of a socket
}
frontend "status" "twice" {
  listen = "127.0.0.1:9103" # ERROR: Port is used twice
  tls {
    cert_file = "@DIR@/past.pem" # ERROR: Certificate has expired
    key_file  = "@DIR@/past.key"
  }
}
frontend "status" "token-for-nothing" {
  listen      = "0.0.0.0:9105"
  health_only = true
  token       = "sixteen bytes or" # ERROR: Token without use
}
frontend "status" "balancer" {
  listen      = "0.0.0.0:9106"
  health_only = true
}
frontend "status" "good" {
  listen = "0.0.0.0:9104"
  token  = "sixteen bytes or"
  tls {
    cert_file = "@DIR@/other.pem"
    key_file  = "@DIR@/other.key"
  }
}
frontend "status" "socket" {
  listen = "unix:/run/tidegate/status.sock"
}
frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
backend "memory" "files" {}
tenant "contoso" {
  mount "/" { backend = backend.memory.files }
  user "camera-01" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
