# SFTP in front of an account with hierarchical namespace (Data Lake Storage Gen2),
# beside another account without one. The machine's identity has the role Storage Blob
# Data Contributor on both containers; the firewall of the lake lets it reach the
# endpoints blob and dfs.

backend "azblob" "lake" {
  account   = "contosolake"
  container = "landing"

  # Clients upload under a temporary name and rename; a trigger of Data Factory waits for
  # BlobCreated of the final name. Without this, Event Grid reports BlobRenamed.
  file_rename = "copy"

  # ls -l over SFTP shows owner, group and permissions.
  attributes = "store"

  auth "managed_identity" {}
}

backend "azblob" "archive" {
  account   = "contosoarchive"
  container = "archive"
  auth "managed_identity" {}
}

frontend "sftp" "public" {
  listen         = "0.0.0.0:22"
  host_key_files = ["ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key"]
}

tenant "contoso" {
  mount "/" {
    backend = backend.azblob.lake
    path    = "contoso"
  }
  mount "/archive" {
    backend = backend.azblob.archive
    path    = "contoso"
    access  = "read"
  }
  user "erp" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
    allow         = ["list", "read", "write", "overwrite", "rename", "mkdir", "delete"]
  }
}
