guessing {
  enabled              = "maybe" # ERROR: Unsuitable value type
  failures_per_address = 0 # ERROR: Invalid number of failures
  failures_per_login   = "many" # ERROR: Unsuitable value type
  refuse_for           = "5s" # ERROR: Invalid duration
  delay                = "1s" # ERROR: Unsupported argument
}
