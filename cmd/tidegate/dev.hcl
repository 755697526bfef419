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
    mode        = "optional"
    self_signed = true
  }
}

frontend "sftp" "dev" {
  listen         = {{quote .SFTP}}
  host_key_files = [{{quote .HostKey}}]
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
