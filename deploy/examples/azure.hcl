# Nodes of a virtual machine scale set behind a load balancer, over one container.
# The machines' managed identity has the role Storage Blob Data Contributor on it.
#
# The same file serves every node. What differs is NODE_INDEX: the load balancer
# has an inbound NAT rule for each node, from port 50000 + NODE_INDEX to its port
# 50000.

node {
  index = env("NODE_INDEX")
}

transfers {
  memory = "512MiB"
  grace  = "4m" # less than the scale set waits before it ends a node
}

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "ftp" "public" {
  listen = "0.0.0.0:21"
  passive {
    listen = "0.0.0.0:50000"
    host   = "ftp.contoso.example" # the load balancer's name
    port   = 50000 + node.index
  }
  tls {
    mode      = "optional"
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
    allow         = ["list", "write", "mkdir"] # a drop box: nothing can be read or replaced
    networks      = ["203.0.113.0/24"]
  }
}
