# A gateway that keeps records: a log as IIS writes it, one as vsftpd and ProFTPD do, and an
# audit.
#
#   mkdir -p files logs
#   tidegate serve access-log.hcl
#   curl -u upload:correct-horse -T photo.jpg ftp://127.0.0.1:2121/
#   goaccess logs/access.log …    # docs/access-log.md has the formats for analyzers

access_log "iis" {
  format = "w3c"
  file   = "logs/access.log"
  rotate {
    size  = "100MiB"
    every = "24h" # each day (UTC) has its own file: access.log.1 is yesterday's
    keep  = 30
  }
}

access_log "transfers" {
  format = "xferlog"
  file   = "logs/xferlog" # logrotate renames it: see docs/access-log.md
}

audit "main" {
  file = "logs/audit.json"
}

frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122"
  }
}

backend "local" "files" {
  root = "files"
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
