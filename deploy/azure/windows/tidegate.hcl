# The configuration that windows.ps1 installs, in C:\ProgramData\Tidegate. The variables are in
# the file "env" beside it. After a change on the machine:
#
#   tidegate check -here -env-file C:\ProgramData\Tidegate\env C:\ProgramData\Tidegate
#   tidegate service reload

transfers {
  grace = "4m"

  azure_scheduled_events = true
}

backend "azblob" "ingest" {
  account   = env("TIDEGATE_ACCOUNT")
  container = env("TIDEGATE_CONTAINER")
  auth "managed_identity" {}
}

frontend "ftp" "public" {
  listen = "0.0.0.0:${env("TIDEGATE_CONTROL_PORT")}"
  passive {
    listen = "0.0.0.0:${env("TIDEGATE_PASSIVE_PORT")}"
    host   = env("TIDEGATE_HOST")
  }
  tls {
    mode = "required"
    # Clients warn of it, and it is another one after each start. For a certificate that they
    # trust, put the files into this directory:
    #   cert_file = "C:/ProgramData/Tidegate/tls.crt"
    #   key_file  = "C:/ProgramData/Tidegate/tls.key"
    self_signed = true
  }
}

frontend "status" "local" {
  listen = "127.0.0.1:9180"
}

tenant "main" {
  mount "/" {
    backend = backend.azblob.ingest
  }
  user "upload" {
    password_hash = env("TIDEGATE_PASSWORD_HASH")
  }
}
