# check -here
backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "@TAKEN@" # ERROR: Port is in use # WARNING: Port may be taken by another program
  passive {
    listen = "127.0.0.1:0"
    host   = "no name" # ERROR: Announced host does not resolve
  }
}
frontend "ftp" "g" {
  listen = "192.0.2.1:2121" # ERROR: Address is not of this machine
  passive {
    listen = "127.0.0.1:0"
  }
  tls {
    mode        = "required"
    self_signed = true
  }
}
frontend "status" "without-directory" {
  listen = "unix:@DIR@/none/status.sock" # ERROR: No directory of a socket
}
frontend "status" "made-at-start" {
  listen = "unix:/run/made-when-the-service-starts/status.sock" # WARNING: No directory of a socket
}
frontend "status" "in-a-file" {
  listen = "unix:@DIR@/other.pem/status.sock" # ERROR: Socket cannot be made
}
frontend "status" "fine" {
  listen = "unix:@DIR@/status.sock"
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
