node {
  index = 0
}
backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122-2129"
    host   = "ftp.contoso.example"
    port   = 30000 + node.index # WARNING: Two nodes announce one port
  }
}
frontend "ftp" "g" {
  listen = "127.0.0.1:${2110 + 4 * node.index}" # WARNING: Port is used twice on another node
  passive {
    listen = "127.0.0.1:${2111 + 4 * node.index}"
    host   = "ftp.contoso.example"
    port   = 30100 + node.index
  }
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
