# Nodes of a virtual machine scale set behind a load balancer, over one container.
# The machines' managed identity has the role Storage Blob Data Contributor on it.
#
# Every node has the same file. Only NODE_INDEX differs: the load balancer
# has an inbound NAT rule for each node, from port 30000 + NODE_INDEX to its port
# 30000.

node {
  index = env("NODE_INDEX")
}

transfers {
  memory = "512MiB"
  grace  = "4m" # shorter than the scale set's delay before it ends a node
}

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "ftp" "public" {
  listen = "0.0.0.0:21"
  passive {
    listen = "0.0.0.0:30000"
    host   = "ftp.contoso.example" # the load balancer's name
    port   = 30000 + node.index
  }
  tls {
    mode      = "required"
    cert_file = "/etc/tidegate/tls.crt"
    key_file  = "/etc/tidegate/tls.key"
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.azblob.ingest
    path    = "contoso"
  }
  user "camera-01" {
    password_hash = env("CAMERA_01_HASH")
    home          = "/incoming"
    allow         = ["list", "read", "write", "overwrite", "rename", "mkdir"]
    networks      = ["203.0.113.0/24"]
  }
}
