node {
  name  = "" # ERROR: Empty node name
  index = -1 # ERROR: Invalid node index
}
start {
  require_backends = "some" # ERROR: Invalid value for require_backends
}
reload {
  watch    = "everything" # ERROR: Invalid value for watch
  interval = "100ms" # ERROR: Interval too short
}
transfers {
  memory = "256M" # ERROR: Invalid size
  grace  = "120" # ERROR: Invalid duration
}
log {
  level  = "verbose" # ERROR: Invalid value for level
  format = "" # ERROR: Invalid value for format
  trace = [
    "203.0.113.7/33", # ERROR: Invalid network
    "a/b/c",          # ERROR: Invalid client to trace
  ]
}
