backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121" # WARNING: Frontend without users
  passive { listen = "127.0.0.1:2122" }
}
frontend "sftp" "s" {
  listen         = "127.0.0.1:2123"
  host_key_files = ["@DIR@/ed25519", "@DIR@/ecdsa", "@DIR@/rsa"]
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"] }
}
