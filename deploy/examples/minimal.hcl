# The smallest configuration: one directory, one user, no TLS, this machine only.
#
#   mkdir -p files
#   tidegate check minimal.hcl
#   tidegate serve minimal.hcl
#   curl -T FILE ftp://upload:correct-horse@127.0.0.1:2121/

backend "local" "files" {
  root = "files" # relative to the working directory; an absolute path is better
}

frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122"
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.local.files
  }
  user "upload" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
  }
}
