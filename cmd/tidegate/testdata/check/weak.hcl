# All of this can be served.
transfers {
  memory = "512GiB" # WARNING: Memory is more than the host can give
}
backend "azblob" "a" {
  account   = "contoso"
  container = "ingest"
  auth "shared_key" {
    key = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==" # WARNING: Every user may read a secret
  }
}
frontend "ftp" "clear" {
  listen = "0.0.0.0:2121" # WARNING: Passwords may travel in clear
  passive {
    listen = "0.0.0.0:50000-50007" # WARNING: Port may be taken by another program
    host   = "10.1.2.3" # WARNING: Clients cannot reach the announced address
  }
}
tenant "t" {
  mount "/" { backend = backend.azblob.a }
  user "weak" {
    password_hash = "$2b$04$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" # WARNING: Weak password hash
    allow         = ["read", "write", "overwrite"] # WARNING: "write" without "rename" # WARNING: Home cannot be listed
  }
  user "sftp" { # WARNING: User can never log in
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    protocols     = ["ftps", "sftp"]
  }
  user "key" { # WARNING: User can never log in
    authorized_keys = ["expiry-time=\"20200101Z\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"] # WARNING: Weak public key
  }
}
