locals {
  a     = local.b
  b     = "x${local.c}"
  c     = [local.a] # ERROR: Locals in a circle
  self  = local.self # ERROR: Locals in a circle
  d     = local.e # ERROR: Unknown local
  twice = 1
  all   = local # ERROR: Reference to all locals
  wrong = env("TIDEGATE_TEST_UNSET") # ERROR: Invalid function argument
  users = tenant.name # ERROR: Unknown variable
  store = backend.store.disk # ERROR: Unknown variable
  part  = local.twice.x # ERROR: Unsupported attribute
}
locals {
  twice = 2 # ERROR: Duplicate local
}
locals {
  block {} # ERROR: Unexpected "block" block
}
node { name = local.twice } # ERROR: Unknown variable
log { level = local.level } # ERROR: Unknown local
# What uses a wrong local is not reported.
transfers {
  memory = local.wrong
  grace  = "${local.a}s"
}
backend "store" "disk" {
  root = local.users
  key  = upper(local.wrong)
}
dynamic "backend" {
  for_each = local.wrong
  labels   = ["store", backend.value]
  content { root = "/" }
}
tenant "t" {
  dynamic "mount" {
    for_each = [local.wrong]
    labels   = ["/"]
    content {
      backend = backend.store[mount.value]
      path    = mount.value
    }
  }
  dynamic "user" {
    for_each = local.all
    labels   = [user.value]
    content {}
  }
  user "u" {
    password_hash = local.wrong
    allow         = local.wrong
    networks      = [local.wrong, "203.0.113.0/24"]
  }
}
