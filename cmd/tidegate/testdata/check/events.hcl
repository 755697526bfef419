backend "memory" "m" {}
frontend "status" "s" { listen = "127.0.0.1:0" }
tenant "a" {
  mount "/" { backend = backend.memory.m }
}
event "webhook" "none" {} # ERROR: Missing required argument # ERROR: Missing required argument
event "webhook" "clear" {
  url     = "http://ingest.contoso.example/" # ERROR: Invalid URL
  secrets = []                               # ERROR: No secret
}
event "webhook" "values" {
  url       = "https://ingest.contoso.example/"
  secrets   = ["whsec_short"] # ERROR: Invalid secret
  token     = "a b"           # ERROR: Invalid token
  cert_file = "none.crt"      # ERROR: Certificate without a key
}
event "webhook" "key" {
  url      = "https://ingest.contoso.example/"
  secrets  = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
  key_file = "none.key" # ERROR: Key without a certificate
}
event "azure_queue" "name" {
  account = "contoso"
  queue   = "Events" # ERROR: Not a name of a queue
  auth "anonymous" {} # ERROR: Queues need a credential
}
event "azure_queue" "place" { # ERROR: Missing account
  queue = "events"
  auth "managed_identity" {}
}
event "azure_queue" "auth" { # ERROR: Missing auth block
  account = "contoso"
  queue   = "events"
}
event "azure_queue" "two" {
  account = "contoso"
  queue   = "events"
  auth "managed_identity" {}
  auth "default" {} # ERROR: More than one auth block
}
event "azure_queue" "key" {
  account = "contoso"
  queue   = "events"
  auth "shared_key" { key = "no base64!" } # ERROR: Not an account key
}
event "azure_queue" "endpoint" {
  endpoint = "http://contoso.queue.core.windows.net" # ERROR: Endpoint is not encrypted
  queue    = "events"
  auth "managed_identity" {}
}
event "webhook" "number" {
  url     = "https://ingest.contoso.example/"
  secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
  batch   = 0 # ERROR: Invalid number
}
event "webhook" "alone" {
  url        = "https://ingest.contoso.example/"
  secrets    = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
  batch_wait = "1s" # ERROR: No batches
}
event "webhook" "long" {
  url        = "https://ingest.contoso.example/"
  secrets    = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
  batch      = 100
  batch_wait = "1m" # ERROR: Invalid time
}
event "webhook" "late" {
  url        = "https://ingest.contoso.example/"
  secrets    = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]
  delivery   = "before_reply"
  wait       = "2s"
  batch      = 100
  batch_wait = "3s" # ERROR: Replies do not wait for a batch
}
event "azure_queue" "batch" {
  account = "contoso"
  queue   = "events"
  batch   = 100 # ERROR: Unsupported argument
  auth "managed_identity" {}
}
