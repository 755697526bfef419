access_log "iis" {
  format = "w3c"
  file   = "/var/log/tidegate/access.log"
  rotate {
    size  = "100MiB"
    every = "24h"
    keep  = 30
  }
}

access_log "transfers" {
  format = "xferlog"
  file   = "/var/log/tidegate/xferlog"
  rotate {
    every = "1h"
  }
}

access_log "collector" {
  format = "json"
  stat   = true
  stdout = true
}

audit "local" {
  syslog {}
}

audit "socket" {
  syslog {
    server = "unix:///run/log.socket"
  }
}

audit "remote" {
  syslog {
    server   = "tcp://syslog.example:601"
    facility = "local3"
  }
}
