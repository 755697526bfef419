frontend "sftp" "s1" {
  listen          = "127.0.0.1:2201"
  host_key_files  = [] # ERROR: No host key
  max_login_tries = 0 # ERROR: Invalid number
  max_logins      = 0 # ERROR: Invalid number
  legacy          = true # WARNING: SHA-1 is offered
  attributes      = "keep" # ERROR: Invalid value for attributes
}
frontend "sftp" "s2" {
  listen         = "127.0.0.1:2202"
  host_key_files = ["@DIR@/key.pem", "@DIR@/key.pem"] # ERROR: Host key cannot be used
}
frontend "sftp" "s3" {
  listen         = "127.0.0.1:2203"
  host_key_files = ["@DIR@/ed25519"] # WARNING: Clients are left out by the host keys
}
frontend "sftp" "s4" {
  listen         = "127.0.0.1:2204"
  host_key_files = ["@DIR@/missing"] # WARNING: File is not there
}
