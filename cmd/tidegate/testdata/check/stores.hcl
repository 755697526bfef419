backend "local" "l1" {
  root      = "" # ERROR: Empty root
  file_mode = "rw" # ERROR: Mode is not valid
  dir_mode  = "0077" # ERROR: Mode keeps Tidegate out
}
backend "local" "l2" { root = "@DIR@/key.pem" } # ERROR: Root is no directory
backend "local" "l3" { root = "@DIR@/missing" } # WARNING: File is not there
backend "local" "l4" { root = "@DIR@/key.pem/below" } # WARNING: File cannot be read
backend "rclone" "r1" {
  type    = "s3"
  options = "provider" # ERROR: Options are not an object
}
backend "rclone" "r2" {
  type    = "s3"
  options = {
    provider = ["AWS"] # ERROR: Option is not a text
  }
}
backend "rclone" "r3" {
  type           = "s3"
  rename_entries = -1 # ERROR: Number of entries below zero
  options = {
    provder = "AWS" # ERROR: Unknown option
    env_auth = "perhaps" # ERROR: Value does not fit the option
  }
}
backend "rclone" "r4" { type = "sftp" } # ERROR: Missing option
backend "rclone" "r5" {
  type    = "local"
  root    = "/srv"
  options = {
    links = true # ERROR: Option not allowed
  }
}
backend "rclone" "r6" {
  type = "sftp"
  options = {
    host             = "files.example"
    known_hosts_file = "/no/such/known_hosts" # WARNING: File is not there
  }
}
