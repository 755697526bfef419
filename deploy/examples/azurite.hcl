# To try Tidegate without Azure: Microsoft's emulator of the blob service.
# The first and the third command run until Ctrl-C: give each a terminal.
#
#   npx -p azurite azurite-blob --inMemoryPersistence --loose --skipApiVersionCheck --disableTelemetry
#   curl -fX PUT -d '' 'http://127.0.0.1:10000/devstoreaccount1/ingest?restype=container&se=2099-01-01T00%3A00%3A00Z&sig=QWu0oVZ4%2BeILzOdtR9BJH1q34pfH2C5R%2BIcquMC0Xxo%3D&sp=c&spr=https%2Chttp&srt=c&ss=b&sv=2021-12-02'
#   tidegate serve azurite.hcl
#   curl -T FILE ftp://upload:correct-horse@127.0.0.1:2121/
#
# The second command makes the container. Its signature is made with the
# emulator's own key, which Microsoft publishes: it is no secret.
#
# Without --loose the emulator refuses the checksums that Azure itself checks.

backend "azblob" "emulator" {
  endpoint  = "http://127.0.0.1:10000/devstoreaccount1"
  container = "ingest"
  auth "shared_key" {
    # The emulator's own key, which is no secret.
    key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
  }
}

frontend "ftp" "public" {
  listen = "127.0.0.1:2121"
  passive {
    listen = "127.0.0.1:2122-2129"
  }
  tls {
    mode        = "optional"
    self_signed = true
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.azblob.emulator
  }
  user "upload" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
  }
}

log {
  format = "text"
}
