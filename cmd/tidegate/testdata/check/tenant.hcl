backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
tenant "t" {
  users_file = "" # ERROR: Empty path
  mount "/" { backend = backend.memory.m }
  user ".." { # ERROR: Name cannot be part of a path
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/${user.name}"
  }
}
