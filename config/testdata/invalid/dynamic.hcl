backend "store" "disk" { root = "/" }
locals {
  hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}
dynamic "tennant" { # ERROR: Unsupported block type
  for_each = ["x"]
  labels   = [tennant.value]
  content {}
}
dynamic "backend" {
  for_each = { a = 1 }
  labels   = ["store", backend.key]
  content {
    rot = "/" # ERROR: Unsupported argument
  }
}
dynamic "backend" {
  for_each = 5 # ERROR: Invalid dynamic for_each value
  labels   = ["store", "x"]
  content { root = "/" }
}
dynamic "frontend" {
  for_each = ["a"]
  labels   = [frontend.value] # ERROR: Insufficient dynamic block labels
  content { listen = "x" }
}
tenant "t" {
  mount "/" { backend = backend.store.disk }
  dynamic "user" {
    for_each = ["a", "A"]
    labels   = [user.value] # ERROR: Ambiguous login
    content {
      password_hash = local.hash
      networks = [user.value] # ERROR: Invalid network
      homes    = "/" # ERROR: Unsupported argument
    }
  }
  dynamic "user" {
    for_each = ["b"]
    labels   = [usr.value] # ERROR: Unknown variable
    content {
      password_hash = local.hash
    }
  }
  dynamic "user" { # ERROR: Missing required argument
    labels = ["c"]
    content {
      password_hash = local.hash
    }
  }
}
