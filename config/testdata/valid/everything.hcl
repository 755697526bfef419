# Backends may stand after what refers to them, and node after what uses it.
tenant "contoso" {
  mount "/" {
    backend       = backend.store.ingest
    path          = "contoso//in"
    cache_control = "public, max-age=300"
    content_types = {
      ".LOG" = "text/plain; charset=iso-8859-1"
      bin    = "application/octet-stream"
    }
  }
  mount "/archive/" {
    backend = backend.store.my-archive
    access  = "read"
  }
  user "Camera-01" {
    password_hash = trimspace(file("camera.hash"))
    home          = "/incoming//today"
    allow         = ["list", "write", "rename"]
    networks      = ["203.0.113.0/24", "::ffff:192.0.2.0/120", "2001:db8::1", "198.51.100.7"]
    allo          = "hint"
    resume        = "off"
    list_style    = "dos"
    charset       = "cp1252"
    ascii         = "convert"

    on_control_lost      = "commit"
    require_close_notify = true
  }
  user "ops@contoso.com" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    allow         = split(" ", "list read overwrite delete rename mkdir")
    networks      = null
  }
  user "keys only" {
    authorized_keys = ["# a comment\n\nfrom=\"192.0.2.0/24,!192.0.2.7\",no-pty ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
    login           = "key"
  }
  user "customer-a" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/customers//a/"
    home          = "/outbox"
    deny_names    = ["*.exe", ".*"]
    allow_names   = split(" ", "*.csv *.csv.[Pp]art")
    path "/outbox" { allow = ["list", "read"] }
    path "/outbox/hidden" { allow = [] }
  }
  user "above" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/archive/2026"
    deny_names    = []
    allow_names   = []
  }
}

tenant "empty" {
  mount "/only/here" {
    backend = backend.store.ingest
    access  = "read_write"
    parents = "require"
  }
}

backend "store" "ingest" {
  root = format("%s-%d", lower("INGEST"), node.index)
  key  = base64decode("czNjcjN0")
}

backend "store" "my-archive" {
  root = node.name
}

frontend "server" "public" {
  listen = "0.0.0.0:${2100 + node.index}"
}

frontend "server" "private" {
  listen = "127.0.0.1:${min(2121, 9999)}"
}

node {
  name  = "ftp-2"
  index = ordinal("ftp-2")
}

reload {
  watch    = "all"
  interval = "1m"
}

transfers {
  memory      = "64MiB"
  drain_delay = "15s"
  grace       = "1h30m"

  azure_scheduled_events = true
}

log {
  level  = "debug"
  format = "text"
  trace  = ["203.0.113.7", "2001:db8::/32", "Camera-01", "contoso/camera-02"]
}
