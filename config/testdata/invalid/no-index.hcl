backend "store" "a" { root = "/${node.index}" } # ERROR: Unsupported attribute
