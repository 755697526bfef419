# check -allow-missing-env
backend "memory" "m" {}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
tenant "t" {
  mount "/" { backend = backend.memory.m }
  user "u" { password_hash = env("TIDEGATE_TEST_UNSET") } # WARNING: Environment variable is not set
}
