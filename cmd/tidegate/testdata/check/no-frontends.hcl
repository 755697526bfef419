# ERROR: No frontend
backend "memory" "m" {}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
