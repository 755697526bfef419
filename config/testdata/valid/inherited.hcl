# Locals, dynamic blocks, defaults and names of tenants and users.
node { index = 2 }

locals {
  greeting = "${local.office[0]} ${local.words.b}"
  office   = ["203.0.113.0/24", "198.51.100.${node.index}"]
  hash     = trimspace(file("camera.hash"))
}
locals {
  words   = { a = "x", b = upper(local.words_b) }
  words_b = "y"
  sites = {
    north = { store = "one", cameras = ["n1", "n2"] }
    south = { store = "two", cameras = ["s1"] }
  }
}

dynamic "backend" {
  for_each = ["one", "two"]
  labels   = ["store", backend.value]
  content {
    root = "/${backend.value}"
    key  = local.greeting
  }
}

defaults {
  tenant {
    mount "/" { path = tenant.name }
    mount "/shared" {
      backend = backend.store.one
      access  = "read"
    }
  }
  mount {
    cache_control = "no-cache"
    content_types = { log = "text/plain" }
  }
  user {
    password_hash = local.hash
    home          = "/${user.name}"
    allow         = ["list", "read"]
    networks      = local.office
  }
}

dynamic "tenant" {
  for_each = local.sites
  labels   = [tenant.key]
  content {
    mount "/" { backend = backend.store[tenant.value.store] }
    dynamic "user" {
      for_each = tenant.value.cameras
      labels   = ["${tenant.name}-${user.value}"]
      content {
        home = "/${user.key}/${user.name}/${user.login}"
      }
    }
  }
}

tenant "near" {
  defaults {
    mount { cache_control = "max-age=1" }
    user {
      allow     = ["list"]
      networks  = null
    }
  }
  mount "/" {
    backend = local.office[0] == "" ? backend.store.one : backend.store.two
    path    = "x/${tenant.name}"
  }
  user "a" {}
  user "b" {
    home  = "/"
    allow = ["list", "read", "write", "rename"]
  }
}
