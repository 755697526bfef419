node {
  name  = env("TIDEGATE_TEST_UNSET") # ERROR: Invalid function argument
  index = ordinal("ftp-x") # ERROR: Invalid function argument
}
log {
  level  = env.LEVEL # ERROR: Unknown variable
  format = jsonn # ERROR: Unknown variable
}
transfers {
  memory = "${nod.index}MiB" # ERROR: Unknown variable
  grace  = evn("GRACE") # ERROR: Call to unknown function
}
backend "store" "a" { root = file("no-such-file") } # ERROR: Invalid function argument
backend "store" "b" { root = base64decode("*") } # ERROR: Invalid function argument
backend "store" "c" { root = node.nmae } # ERROR: Unsupported attribute
backend "store" "d" { root = backend.store.a } # ERROR: Unknown variable
backend "store" "e" { root = file("/dev/zero") } # ERROR: Invalid function argument
# A wrong index is reported where it stands, not where it is used.
backend "store" "f" { root = "/${node.index}" }
