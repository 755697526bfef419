# A drop box: clients upload files, and cannot list, read, replace or remove existing
# ones. A second upload of the same name is refused.
#
# "rename" is among the rights because many clients (WinSCP, most cameras) upload
# under a temporary name first. Without it their uploads fail at the last step, and
# the file stays under its temporary name. It also lets them ask for the size of a file
# by its name, as some do after the upload. "mkdir" is for clients that make a directory
# for each day.
#
#   curl --ssl-reqd -T FILE --user supplier ftp://ftp.contoso.example/
#   curl --ssl-reqd -T FILE --user supplier ftp://ftp.contoso.example/FILE2.part -Q '-RNFR FILE2.part' -Q '-RNTO FILE2'
#
# Clients that list the directory before or after the upload get 550. If yours do not
# accept that, add "list".

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "ftp" "public" {
  listen = "0.0.0.0:21"
  passive {
    listen = "0.0.0.0:30000"
    host   = "ftp.contoso.example"
  }
  tls {
    mode      = "required"
    cert_file = "/etc/tidegate/tls.crt"
    key_file  = "/etc/tidegate/tls.key"
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.azblob.ingest
    path    = "contoso"
  }
  user "supplier" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
    allow         = ["write", "rename", "mkdir"]
  }
}
