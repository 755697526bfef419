access_log "a" {
  format = "apache" # ERROR: Invalid value for format
  file   = "/var/log/tidegate/a.log"
}

access_log "b" { # ERROR: One output
  format = "json"
}

access_log "c" { # ERROR: One output
  format = "json"
  file   = "/var/log/tidegate/c.log"
  stdout = true
}

access_log "d" {
  format = "w3c"
  syslog { # ERROR: Format needs a file
  }
}

access_log "e" {
  format = "xferlog"
  stat   = true # ERROR: No such lines
  stdout = true
  rotate { # ERROR: Rotation without a file
    size = "1GiB"
  }
}

access_log "f" {
  format = "json"
  file   = "" # ERROR: No file
}

access_log "g" {
  format = "json"
  file   = "/var/log/tidegate/a.log" # ERROR: File has another use
  rotate { # ERROR: Rotation without a limit
    keep = 0 # ERROR: Invalid number of files
  }
}

access_log "h" {
  format = "json"
  file   = "/var/log/tidegate/h.log"
  rotate {
    size  = "1kB" # ERROR: Size too small
    every = "1s"  # ERROR: Interval too short
  }
}

access_log "h" { # ERROR: Duplicate access_log
  format = "json"
  syslog {
    server   = "192.0.2.1" # ERROR: Invalid syslog server
    facility = "security"  # ERROR: Invalid value for facility
  }
}

access_log "a b" { # ERROR: Invalid name
  format = "json"
  stdout = true
}

audit "a" {
  format = "json" # ERROR: Unsupported argument
  stdout = true
}
