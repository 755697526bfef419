# What the gateway is measured with: defaults wherever there are any.

backend "azblob" "store" {
  endpoint  = {{quote .Endpoint}}
  container = {{quote .Container}}
  auth "shared_key" {
    key = {{quote .Key}}
  }
}

frontend "ftp" "bench" {
  listen = "127.0.0.1:0"
  passive {
    listen = "127.0.0.1:0"
  }
  tls {
    mode        = "optional"
    self_signed = true
  }
}

frontend "sftp" "bench" {
  listen         = "127.0.0.1:0"
  host_key_files = [{{quote .Keys.HostFile}}]
}

tenant "bench" {
  mount "/" {
    backend = backend.azblob.store
  }
  user {{quote .User}} {
    password_hash   = {{quote .Hash}}
    authorized_keys = [{{quote .Keys.UserLine}}]
  }
}

transfers {
  grace = "5s"
}

log {
  format = "text"
}
