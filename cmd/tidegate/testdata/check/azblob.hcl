backend "azblob" "a01" { # ERROR: Missing auth block
  account   = "contoso"
  container = "ingest"
}
backend "azblob" "a02" {
  account   = "contoso"
  container = "ingest"
  auth "default" {}
  auth "anonymous" {} # ERROR: More than one auth block
}
backend "azblob" "a03" {
  account           = "contoso"
  container         = "$root" # ERROR: The root container cannot be used
  hns               = "maybe" # ERROR: Unknown value of hns
  dfs_endpoint      = "contoso.dfs.core.windows.net" # ERROR: Not an endpoint
  file_rename       = "fast" # ERROR: Unknown value of file_rename
  acl               = "drop" # ERROR: Unknown value of acl
  attributes        = "all" # ERROR: Unknown value of attributes
  rename_entries    = 0 # ERROR: rename_entries is too small
  api_version       = "latest" # ERROR: Not a version of the API
  access_tier       = "archive" # ERROR: Unknown access tier
  append_copy_limit = "0B" # ERROR: append_copy_limit is too small
  directory_markers = "backslash" # ERROR: Unknown value of directory_markers
  auth "default" {}
}
backend "azblob" "a04" {
  account   = "contoso.blob.core.windows.net" # ERROR: Not a name of an account
  container = "In" # ERROR: Not a name of a container
  auth "password" {} # ERROR: Unknown kind of credential
}
backend "azblob" "a05" {
  account   = "contoso" # ERROR: Account given twice
  container = "ingest"
  auth "connection_string" { value = "x" }
}
backend "azblob" "a06" {
  endpoint  = "https://contoso.example" # ERROR: Endpoint given twice
  container = "ingest"
  auth "connection_string" { value = "x" }
}
backend "azblob" "a07" {
  account   = "contoso"
  endpoint  = "https://contoso.example" # ERROR: Both account and endpoint
  container = "ingest"
  auth "default" {}
}
backend "azblob" "a08" { # ERROR: Missing account
  container = "ingest"
  auth "default" {}
}
backend "azblob" "a09" {
  endpoint  = "contoso.example" # ERROR: Not an endpoint
  container = "ingest"
  auth "default" {}
}
backend "azblob" "a10" {
  endpoint  = "https://contoso.example/?sig=x" # ERROR: Endpoint holds more than a place
  container = "ingest"
  auth "default" {}
}
backend "azblob" "a11" {
  endpoint  = "http://contoso.example" # ERROR: Endpoint is not encrypted
  container = "ingest"
  auth "default" {}
}
backend "azblob" "a12" {
  account   = "contoso"
  container = "ingest"
  auth "shared_key" {} # ERROR: Missing attribute
}
backend "azblob" "a13" {
  account   = "contoso"
  container = "ingest"
  auth "managed_identity" {
    client_id   = "a"
    resource_id = "b" # ERROR: Two names for one identity
    tenant_id   = "c" # ERROR: Attribute does not belong here
    audience    = "storage" # ERROR: Not an audience
  }
}
backend "azblob" "a14" {
  account   = "contoso"
  container = "ingest"
  auth "default" {
    authority_host = "login" # ERROR: Not a place that gives tokens
  }
}
backend "azblob" "a15" {
  endpoint  = "https://contoso.example"
  container = "ingest"
  auth "shared_key" { # ERROR: Missing account
    key = "QUFBQQ=="
  }
}
backend "azblob" "a16" {
  account   = "contoso"
  container = "ingest"
  auth "shared_key" {
    key = "no base64" # ERROR: Not an account key
  }
}
backend "azblob" "a17" {
  account   = "contoso"
  container = "ingest"
  auth "shared_key" {
    key = "QUFBQQ==" # WARNING: Unusual account key
  }
}
backend "azblob" "a18" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "https://contoso.example" # ERROR: Not a shared access signature
  }
}
backend "azblob" "a19" {
  container = "ingest"
  auth "connection_string" {
    value = "no connection string" # ERROR: Not a connection string
  }
}
backend "azblob" "a20" {
  account   = "contoso"
  container = "ingest"
  auth "workload_identity" {
    token_file = "/no/such/token" # WARNING: File is not there
  }
}
backend "azblob" "a21" {
  account   = "contoso"
  container = "ingest"
  auth "client_certificate" {
    tenant_id        = "t"
    client_id        = "c"
    certificate_file = "/no/such/certificate" # WARNING: File is not there
  }
}
