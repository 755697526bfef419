# ERROR: No user
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
