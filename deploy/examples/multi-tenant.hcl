# Two tenants in one container: each sees only its own directory. One of them also
# reads an archive in another store, through rclone. Both have a user "upload": the host
# name that a client asks for decides which one it means, or it logs in as fabrikam/upload.

backend "azblob" "media" {
  account   = "contosomedia"
  container = "media"
  auth "workload_identity" {}
}

backend "rclone" "archive" {
  type = "s3"
  root = "archive-bucket"
  options = {
    provider = "AWS"
    env_auth = true
    region   = "eu-central-1"
  }
}

frontend "ftp" "public" {
  listen = "0.0.0.0:21"
  passive {
    listen = "0.0.0.0:30000-30007"
  }
  tls {
    mode      = "required"
    cert_file = "/etc/tidegate/tls.crt"
    key_file  = "/etc/tidegate/tls.key"
    certificate {
      cert_file = "/etc/tidegate/ftp.contoso.example.crt"
      key_file  = "/etc/tidegate/ftp.contoso.example.key"
    }
  }
}

# For old devices of one tenant, without AUTH TLS: TLS from the first byte.
frontend "ftp" "implicit" {
  listen  = "0.0.0.0:990"
  tenants = ["fabrikam"]
  passive {
    listen = "0.0.0.0:30008-30015"
  }
  tls {
    mode      = "implicit"
    cert_file = "/etc/tidegate/tls.crt"
    key_file  = "/etc/tidegate/tls.key"
  }
}

tenant "contoso" {
  hosts = ["ftp.contoso.example"]
  mount "/" {
    backend       = backend.azblob.media
    path          = "contoso"
    cache_control = "public, max-age=300"
    content_types = {
      m3u8 = "application/vnd.apple.mpegurl"
      log  = "text/plain; charset=iso-8859-1"
    }
  }
  mount "/archive" {
    backend = backend.rclone.archive
    path    = "contoso"
    access  = "read"
  }
  user "upload" {
    password_hash = env("CONTOSO_HASH")
  }
  user "reader" {
    password_hash = env("CONTOSO_HASH")
    allow         = ["list", "read"]
  }
}

tenant "fabrikam" {
  mount "/" {
    backend = backend.azblob.media
    path    = "fabrikam"
  }
  user "upload" {
    password_hash = env("FABRIKAM_HASH")
  }
  user "ops@fabrikam.example" {
    password_hash = env("FABRIKAM_HASH")
    networks      = ["198.51.100.0/24", "2001:db8::/32"]
  }
}

log {
  level  = "info"
  format = "json"
}
