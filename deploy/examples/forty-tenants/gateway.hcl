# 40 tenants with five users each, in three storage accounts. The tenants are in the files
# beside this one; `tidegate check -print` shows what each of them gets from here.
locals {
  accounts = {
    north = [
      "acacia", "ash", "beech", "cedar", "cypress", "fig", "hickory", "larch", "linden", "oak", "pear",
      "plum", "spruce", "yew",
    ]
    south = [
      "alder", "aspen", "birch", "cherry", "elder", "fir", "holly", "laurel", "magnolia", "olive",
      "pine", "poplar", "walnut",
    ]
    west  = [
      "apple", "bamboo", "box", "chestnut", "elm", "hazel", "juniper", "lime", "maple", "palm", "plane",
      "rowan", "willow",
    ]
  }
}

dynamic "backend" {
  for_each = local.accounts
  labels   = ["azblob", backend.key]
  content {
    account   = "contoso${backend.key}"
    container = "files"
    auth "managed_identity" {}
  }
}

defaults {
  tenant {
    mount "/" {
      backend = backend.azblob[[for name, tenants in local.accounts : name if contains(tenants, tenant.name)][0]]
      path    = tenant.name
    }
  }
  user {
    home     = "/${user.name}"
    allow    = ["list", "read", "write", "overwrite", "rename", "mkdir"]
    networks = ["203.0.113.0/24", "198.51.100.0/24"]
  }
}

frontend "ftp" "public" {
  listen = "0.0.0.0:21"
  passive { listen = "0.0.0.0:30000-30007" }
  tls {
    mode      = "required"
    cert_file = "/etc/tidegate/tls.crt"
    key_file  = "/etc/tidegate/tls.key"
  }
}
