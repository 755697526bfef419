backend "store" "disk" { root = "/srv" }
