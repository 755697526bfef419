# The configuration of "tidegate dev". To start with it, write it to a file and
# replace the parts in double braces.

{{if .Endpoint -}}
backend "azblob" "files" {
  endpoint  = {{quote .Endpoint}}
  container = {{quote .Container}}
  auth "shared_key" {
    key = {{quote .Key}}
  }
}
{{- else -}}
backend "local" "files" {
  root  = {{quote .Dir}}
  fsync = false
}
{{- end}}

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
    backend = backend.{{if .Endpoint}}azblob{{else}}local{{end}}.files
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
