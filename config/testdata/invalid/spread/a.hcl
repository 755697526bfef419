backend "store" "disk" { root = "/" }
tenant "contoso" {
  mount "/" { backend = backend.store.disk }
  networks   = ["203.0.113.0/24"]
  users_file = "many.users" # ERROR: Problems in the users file
}
