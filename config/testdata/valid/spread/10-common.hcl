backend "store" "disk" { root = trimspace(file("root.txt")) }
defaults {
  mount { path = tenant.name }
}
