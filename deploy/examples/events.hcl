# A webhook that hears of each CSV file before the client gets its reply, a queue that gets all
# events of all tenants, and a webhook that gets them in batches.

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "sftp" "public" {
  listen         = "0.0.0.0:22"
  host_key_files = ["ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key"]
}

tenant "contoso" {
  mount "/" { backend = backend.azblob.ingest }
  user "camera-01" {
    password_hash = env("CAMERA_01_HASH")
  }
}

event "webhook" "ingest" {
  url      = "https://ingest.contoso.example/events"
  secrets  = [env("EVENTS_SECRET")] # printf 'whsec_%s\n' "$(openssl rand -base64 32)"
  delivery = "before_reply"
  wait     = "10s"
  types    = ["file.committed", "file.renamed"]
  tenants  = ["contoso"]
  paths    = ["/incoming"]
  names    = ["*.csv"]
}

# The identity needs the role Storage Queue Data Message Sender.
event "azure_queue" "audit" {
  account = "contosoevents"
  queue   = "tidegate-events"
  auth "managed_identity" {}
}

# A receiver that knows batches of CloudEvents gets up to 100 events in a request.
event "webhook" "index" {
  url     = "https://index.contoso.example/events"
  secrets = [env("EVENTS_SECRET")]
  batch   = 100
}
