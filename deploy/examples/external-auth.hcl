# The users of a tenant are those of an external service, which decides about each login.
# One user is listed, for the day when the service is down.

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "sftp" "public" {
  listen         = "0.0.0.0:22"
  host_key_files = ["ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key"]
  tenants        = ["contoso"] # so that a name needs no tenant
}

auth "http" "directory" {
  url   = "https://id.contoso.example/tidegate"
  token = env("DIRECTORY_TOKEN")
}

tenant "contoso" {
  auth = auth.http.directory
  mount "/" { backend = backend.azblob.ingest }
  user "operator" {
    password_hash = env("CONTOSO_HASH")
    networks      = ["198.51.100.0/24"]
  }
}
