# The configuration of all three nodes: they differ by NODE_INDEX, which is 0 to 2.

node {
  index = env("NODE_INDEX")
}

backend "azblob" "azurite" {
  endpoint  = env("DEMO_ENDPOINT")
  container = env("DEMO_CONTAINER")
  auth "shared_key" {
    key = env("DEMO_KEY")
  }
}

frontend "ftp" "public" {
  listen = "127.0.0.${11 + node.index}:${env("DEMO_CONTROL_PORT")}"
  banner = "node ${node.index}"
  passive {
    listen = "127.0.0.${11 + node.index}:${env("DEMO_DATA_PORT")}"
    host   = "127.0.0.1"
    port   = env("DEMO_DATA_PORT") + 1 + node.index
  }
  tls {
    mode        = "optional"
    self_signed = true
  }
}

frontend "status" "page" {
  listen = "127.0.0.${11 + node.index}:${env("DEMO_STATUS_PORT")}"
}

tenant "demo" {
  mount "/" {
    backend = backend.azblob.azurite
  }
  user "demo" {
    password_hash = env("DEMO_HASH")
  }
}

transfers {
  memory = "64MiB"
  grace  = "20s"
}
