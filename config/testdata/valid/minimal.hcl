backend "store" "disk" {
  root = "/srv/files"
}

frontend "server" "public" {
  listen = "127.0.0.1:2121"
}

tenant "contoso" {
  mount "/" {
    backend = backend.store.disk
  }
  user "camera-01" {
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
  }
}
