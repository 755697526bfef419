backend "store" "disk" { root = "/" }
tenant "t" {
  mount "/in" { backend = backend.store.disk }
  user "" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Invalid user name
  user "a/b" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Invalid user name
  user "nul\u0000" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Invalid user name
  user "nobody" {} # ERROR: User without a password
  user "null" { password_hash = null } # ERROR: Unsuitable value type
  user "empty" { password_hash = "" } # ERROR: Invalid password hash
  user "plain" { password_hash = "plain text" } # ERROR: Invalid password hash
  user "dear" { password_hash = "$2b$31$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } # ERROR: Invalid password hash
  user "huge" { password_hash = "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc" } # ERROR: Invalid password hash
  user "u" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    home          = "in" # ERROR: Invalid path
    allow = [
      "list",
      "lsit", # ERROR: Invalid value for allow
      null,   # ERROR: Unsuitable value
      ["a"],  # ERROR: Unsuitable value
    ]
    networks = [
      "203.0.113.0/24",
      "203.0.113.7/24", # ERROR: Invalid network
      "fe80::1%eth0",   # ERROR: Invalid network
      "203.0.113.0/33", # ERROR: Invalid network
      "example.com",    # ERROR: Invalid network
    ]
  }
  user "v" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    home          = "/out" # ERROR: Home outside of all mounts
    allow         = [] # ERROR: Empty list
    networks      = [] # ERROR: Empty list
  }
  user "w" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    allow         = "list" # ERROR: Unsuitable value
    networks      = { a = "b" } # ERROR: Unsuitable value
    authorized_keys = [] # ERROR: Empty list
    public_key      = "" # ERROR: Unsupported argument
    on_control_lost = "keep" # ERROR: Invalid value for on_control_lost
    allo            = "" # ERROR: Invalid value for allo
    resume          = true # ERROR: Invalid value for resume
    list_style      = "iis" # ERROR: Invalid value for list_style
    charset         = "utf-16" # ERROR: Invalid charset
    ascii           = "yes" # ERROR: Invalid value for ascii
  }
  user "admission" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    enabled   = "no" # ERROR: Unsuitable value type
    expires   = "31.01.2027" # ERROR: Invalid date
    protocols = ["sftp", "ftpes"] # ERROR: Invalid value for protocols
    on_change = "kill" # ERROR: Invalid value for on_change
  }
  user "long ago" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    expires = "2020-02-29" # ERROR: User has expired
  }
  user "password age" {
    password_hash         = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    password_changed      = "30.11.2026" # ERROR: Invalid date
    password_max_age_days = 90
  }
  user "no age" {
    password_hash         = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    password_max_age_days = 0 # ERROR: Invalid number
  }
  user "unknown age" { # ERROR: Age of a password is unknown
    password_hash         = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    password_max_age_days = 90
  }
  user "old password" {
    password_hash         = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    password_changed      = "2020-02-29" # ERROR: Password is too old
    password_max_age_days = 90
  }
  user "disabled needs no password" { enabled = false }
  user "no protocol" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    protocols     = [] # ERROR: Empty list
  }
  user "keys" {
    authorized_keys = [
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD ok",
      "ssh-ed25519 AAAA",            # ERROR: Invalid public key
      "command=\"x\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD", # ERROR: Invalid public key
      "from=\"example.com\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD", # ERROR: Invalid public key
    ]
    login = "keys" # ERROR: Invalid value for login
  }
  user "no key" { # ERROR: User without a key
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    login         = "key"
  }
  user "no password" { # ERROR: User without a password
    authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKRnFGDsFGfsRTqLNyBdbpJMvFGzHiWvMXDXzxAZNqD"]
    login           = "key_and_password"
  }
}
