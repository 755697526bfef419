tenant "contoso" {
  networks = ["198.51.100.0/24"] # ERROR: Duplicate argument
}
