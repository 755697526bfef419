bakend "store" "x" {} # ERROR: Unsupported block type
level = "info" # ERROR: Unsupported argument
backend "store" {} # ERROR: Missing name for backend
backend "store" "a" "b" {} # ERROR: Extraneous label for backend
backend "stor" "x" {} # ERROR: Unknown type of backend
frontend "ftp" "x" {} # ERROR: Unknown type of frontend
backend "store" "no space" { root = "/" } # ERROR: Invalid name
backend "store" "" { root = "/" } # ERROR: Invalid name
backend "store" "twice" { root = "/" }
backend "store" "twice" { root = "/" } # ERROR: Duplicate backend
frontend "server" "twice" { listen = "a" }
frontend "server" "twice" { listen = "a" } # ERROR: Duplicate frontend
node { index = 1 }
node { index = 2 } # ERROR: Duplicate block
log { lvel = "info" } # ERROR: Unsupported argument
log { # ERROR: Duplicate block
  access {}
}
