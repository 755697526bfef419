backend "store" "nothing" {} # ERROR: Missing required argument
backend "store" "unknown" {
  root  = "/"
  roots = "/" # ERROR: Unsupported argument
}
backend "store" "kind" {
  root = ["/"] # ERROR: Unsuitable value type
}
backend "store" "value" {
  root = "no/slash" # ERROR: Root must be absolute
}
backend "store" "both" { # ERROR: Key and token
  root  = "/"
  key   = "k"
  token = "t"
}
# Decoding and checking both report; what follows from a misspelt name does not.
backend "store" "several" {
  root  = "no/slash" # ERROR: Root must be absolute
  tokem = "t" # ERROR: Unsupported argument
}
