backend "store" "disk" { root = "/" }
defaults {
  tenant {
    acess = "read" # ERROR: Unsupported argument
    mount "/" { backend = backend.store.disk }
    mount "/more" { # the label is one mount
      backend = backend.store.disk
      acess   = "read" # ERROR: Unsupported argument
    }
    defaults {
      user { homes = "/" } # ERROR: Unsupported argument
    }
  }
  mount { access = "write" } # ERROR: Invalid value for access
  user "x" {} # ERROR: Extraneous label for user
  user {
    allow    = ["raed"] # ERROR: Invalid value for allow
    networks = local.nets # ERROR: Unknown local
    home     = "/${user.nam}" # ERROR: Unsupported attribute
    hom      = "/" # ERROR: Unsupported argument
    charset  = ["x"] # ERROR: Unsuitable value type
  }
  users {} # ERROR: Unsupported block type
}
defaults {} # ERROR: Duplicate block
tenant "a" {
  defaults {
    mount { path = "/${user.name}" } # ERROR: Unknown variable
    user { resume = "no" }
    user {} # ERROR: Duplicate user block
    login = "x" # ERROR: Unsupported argument
  }
  user "one" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
  user "two" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "b" {
  defaults {
    user { resume = "no" } # ERROR: Invalid value for resume
  }
  user "three" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
