# What "tidegate dev" serves. It is a configuration like every other one: write
# it to a file, replace what stands in double braces, and go on from there.

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
