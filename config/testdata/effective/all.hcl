# What `tidegate check -print` makes of everything that saves writing.
locals {
  places = ["north", "south"]
  secret = env("PLANTED")
  hash   = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
}

dynamic "backend" {
  for_each = local.places
  labels   = ["store", backend.value]
  content {
    root    = "/${backend.value}"
    key     = local.secret
    token   = env("PLANTED")
    options = { region = backend.key, secret_key = "literal-s3cret", note = "$${x}" }
  }
}

frontend "server" "s" { listen = "x${env("PLANTED")}y" }

defaults {
  tenant {
    mount "/archive" {
      backend = backend.store.north
      access  = "read"
    }
  }
  mount {
    path          = "in/${tenant.name}"
    content_types = { log = "text/plain" }
  }
  user {
    password_hash = local.hash
    home          = "/in/${user.name}/${user.login}"
    networks      = ["203.0.113.0/24"]
    path "/in" {
      allow = ["list", "read"]
    }
  }
}

dynamic "tenant" {
  for_each = { a = "north", b = "south" }
  labels   = [tenant.key]
  content {
    mount "/in" { backend = backend.store[tenant.value] }
    dynamic "user" {
      for_each = ["x", "y"]
      labels   = ["${tenant.name}-${user.value}"]
      content {
        allow = user.key == 0 ? ["list"] : null
      }
    }
  }
}

tenant "c" {
  defaults {
    user { networks = null }
  }
  mount "/in" {
    backend = backend.store.south
    path    = ""
  }
  user "ops" {
    home = "/in"
    path "/in" {
      allow = ["list", "read", "write", "rename"]
    }
    path "/in/out" { allow = ["read"] }
  }
  users_file = "some.users"
}
