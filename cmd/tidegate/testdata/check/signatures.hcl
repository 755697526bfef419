# The error of the permissions needs a configuration without other errors; see permissions.hcl.
backend "azblob" "s1" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=racwdl&se=2020-01-01T00:00:00Z&sig=x" # ERROR: Signature has expired
  }
}
backend "azblob" "s2" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=racwdl&se=@SOON@&sig=x" # WARNING: Signature expires soon
  }
}
backend "azblob" "s3" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=racwdl&st=2099-01-01&se=2100-01-01&sig=x" # ERROR: Signature is not valid yet
  }
}
backend "azblob" "s4" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&sr=b&sp=racwdl&se=2100-01-01&sig=x" # ERROR: Signature is for something else
  }
}
backend "azblob" "s5" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&ss=q&srt=co&sp=racwdl&se=2100-01-01&sig=x" # ERROR: Signature is for something else
  }
}
backend "azblob" "s6" {
  account   = "contoso"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&ss=b&srt=o&sp=racwdl&se=2100-01-01&sig=x" # ERROR: Signature is for something else
  }
}
backend "azblob" "s7" {
  endpoint  = "http://127.0.0.1:10000/devstoreaccount1"
  container = "ingest"
  auth "sas" {
    token = "sv=2022-11-02&sr=c&sp=racwdl&spr=https&se=2100-01-01&sig=x" # ERROR: Signature needs HTTPS
  }
}
backend "azblob" "s8" {
  container = "ingest"
  auth "connection_string" {
    value = "BlobEndpoint=https://contoso.blob.core.windows.net;SharedAccessSignature=sv=2022-11-02&sr=c&sp=rw&se=2100-01-01&sig=x" # ERROR: Signature cannot list
  }
}
