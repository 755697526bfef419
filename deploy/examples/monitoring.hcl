# A gateway with two addresses for its operators: metrics for a Prometheus on this machine, and
# a unix socket with everything, for those whom its permissions let in.
#
#   mkdir -p files /run/tidegate
#   tidegate serve monitoring.hcl
#   curl http://127.0.0.1:9180/readyz
#   curl http://127.0.0.1:9180/metrics

frontend "status" "metrics" {
  listen = "127.0.0.1:9180"
}

frontend "status" "operators" {
  listen      = "unix:/run/tidegate/status.sock"
  socket_mode = "0660" # the owner and the group
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
