backend "store" "disk" { root = "/" }
tenant "t" {
  mount "/in" { backend = backend.store.disk }
  mount "/deep/down" { backend = backend.store.disk }
  user "a" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/out" # ERROR: Root outside of all mounts
    home          = "/x"
    path "/y" { allow = ["list"] }
  }
  user "b" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/deep"
    home          = "/in" # ERROR: Home outside of all mounts
    path "/down/x" { allow = ["list", "lsit"] } # ERROR: Invalid value for allow
    path "/down" {} # ERROR: Path without rights
    path "/down/n" { allow = null } # ERROR: Path without rights
    path "/down/y" { alow = ["list"] } # ERROR: Unsupported argument
    path "/down/y/" { allow = [] } # ERROR: Duplicate path
    path "/in" { allow = ["list"] } # ERROR: Path outside of all mounts
    path "/" { allow = ["list"] } # ERROR: Rights at the root
    path "down" { allow = ["list"] } # ERROR: Invalid path
    path "/down/z" { allow = "list" } # ERROR: Unsuitable value
  }
  user "c" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/in/a/.." # ERROR: Invalid path
    deny_names = [
      "*.exe",
      "[a",  # ERROR: Invalid pattern
      "a/b", # ERROR: Invalid pattern
      "",    # ERROR: Invalid pattern
      "x\\", # ERROR: Invalid pattern
    ]
    allow_names = "*.csv" # ERROR: Unsuitable value
  }
  user "." {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "/in/." # ERROR: Invalid path
  }
  user "d" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    root          = "in" # ERROR: Invalid path
  }
}
