# The configuration of this node. All files *.hcl in this directory belong to it.
#
#   tidegate check -here /etc/tidegate     says what is wrong with it
#   systemctl enable --now tidegate        starts the service, now and at each boot
#   systemctl reload tidegate              applies changes
#
# https://github.com/tidegate/tidegate/blob/main/docs/configuration.md lists all settings.
# Below is the least for a container in Azure; `tidegate hash-password` makes the hash.

#backend "azblob" "ingest" {
#  account   = "contosoingest"
#  container = "ingest"
#  auth "managed_identity" {}
#}
#
#frontend "ftp" "public" {
#  listen = "0.0.0.0:21"
#  passive {
#    listen = "0.0.0.0:30000"
#    host   = "ftp.example.com"
#  }
#  tls {
#    mode      = "required"
#    cert_file = "/etc/tidegate/tls.crt"
#    key_file  = "/etc/tidegate/tls.key"
#  }
#}
#
#tenant "acme" {
#  mount "/" {
#    backend = backend.azblob.ingest
#  }
#  user "upload" {
#    password_hash = "$argon2id$..."
#  }
#}
