log {
  level = = "info" # ERROR: Invalid expression
}
log { level = "x" } # the rest of a file with wrong syntax is not looked at
