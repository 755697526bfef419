# The configuration of "tidegate dev". To start with it, write it to a file and
# replace the parts in double braces.

backend "local" "files" {
  root  = {{quote .Dir}}
  fsync = false
}

frontend "ftp" "dev" {
  listen = {{quote .Listen}}
  passive {
    listen = {{quote .Passive}}
  }
  tls {
    mode      = "optional"
    cert_file = {{quote .Certificate}}
    key_file  = {{quote .Certificate}}
  }
}

frontend "sftp" "dev" {
  listen         = {{quote .SFTP}}
  host_key_files = [{{range .HostKeys}}{{quote .}}, {{end}}]
}

tenant "dev" {
  mount "/" {
    backend = backend.local.files
  }
  user "dev" {
    password_hash = {{quote .Hash}}
  }
}

transfers {
  grace = "5s"
}

log {
  format = "text"
}
