backend "azblob" "reads" {
  account   = "contoso"
  container = "reads"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=rl&se=2100-01-01&sig=x" # WARNING: Every user may read a secret
  }
}
backend "azblob" "uploads" {
  account   = "contoso"
  container = "uploads"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=cl&se=2100-01-01&sig=x" # ERROR: Signature lacks a permission # ERROR: Signature lacks a permission # ERROR: Signature lacks a permission
  }
}
backend "azblob" "drops" {
  account   = "contoso"
  container = "drops"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=cl&se=2100-01-01&sig=x"
  }
}
frontend "ftp" "f" {
  listen = "127.0.0.1:2121"
  passive { listen = "127.0.0.1:2122" }
}
tenant "t" {
  mount "/" { backend = backend.azblob.uploads }
  mount "/reads" {
    backend = backend.azblob.reads
    access  = "read"
  }
  user "u" { password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }
}
tenant "drops" {
  mount "/" { backend = backend.azblob.drops }
  user "v" {
    password_hash = "$2b$10$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    allow         = ["list", "write"] # WARNING: "write" without "rename"
  }
}
