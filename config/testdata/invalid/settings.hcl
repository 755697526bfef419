node {
  name  = "" # ERROR: Empty node name
  index = -1 # ERROR: Invalid node index
}
transfers {
  memory = "256M" # ERROR: Invalid size
  grace  = "120" # ERROR: Invalid duration
}
log {
  level  = "verbose" # ERROR: Invalid value for level
  format = "" # ERROR: Invalid value for format
}
