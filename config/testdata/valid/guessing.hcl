guessing {
  failures_per_address = 100
  failures_per_login   = 5
  refuse_for           = "1m"
}
