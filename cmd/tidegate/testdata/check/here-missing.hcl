# check -here
transfers {
  memory = "512GiB" # ERROR: Memory is more than the host can give
}
backend "local" "l" {
  root = "@DIR@/missing" # ERROR: File is not there
}
frontend "ftp" "f" {
  listen = "@TAKEN@" # WARNING: Port may be taken by another program
  passive { listen = "127.0.0.1:0" }
}
audit "who" {
  file = "@DIR@/none/audit.log" # ERROR: No such directory
}
tenant "t" {
  mount "/" { backend = backend.local.l }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
