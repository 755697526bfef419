# Users in a file of their own, which programs can change while Tidegate runs.
#
#   mkdir -p files
#   tidegate user list contoso.users
#   tidegate serve users-file.hcl
#   curl -T FILE ftp://camera-01:correct-horse@127.0.0.1:2121/

backend "local" "files" {
  root = "files" # relative to the working directory; an absolute path is better
}

frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122"
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.local.files
  }
  users_file = "contoso.users" # relative to the directory of this file
}
