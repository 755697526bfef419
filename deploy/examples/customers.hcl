# Customers that do not see each other, in one container: each has a directory of its
# own as the root. They upload to /inbox and download from /outbox; clerks see all.

backend "azblob" "exchange" {
  account   = "contosoexchange"
  container = "exchange"
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
    backend = backend.azblob.exchange
  }
  user "clerk" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
  }
  user "customer-a" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
    root          = "/customers/a" # `/` for this user: nothing else can be reached
    home          = "/inbox"       # the first directory, below root
    allow         = ["list"]
    deny_names    = ["*.exe", "*.js", ".*"]
    path "/inbox" { allow = ["list", "read", "write", "overwrite", "delete", "rename", "mkdir"] }
    path "/outbox" { allow = ["list", "read"] }
  }
  user "customer-b" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
    root          = "/customers/b"
    allow_names   = ["*.csv", "*.csv.filepart", "*.csv.part"] # and the temporary names of the clients
  }
}
