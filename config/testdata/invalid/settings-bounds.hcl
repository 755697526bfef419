node { index = 1.5 } # ERROR: Unsuitable value type
transfers {
  memory = "1KiB" # ERROR: Memory out of range
  grace  = "-1s" # ERROR: Invalid duration
  drain_delay = "15" # ERROR: Invalid duration
}
log { level = null } # ERROR: Unsuitable value type
