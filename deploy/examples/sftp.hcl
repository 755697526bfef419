# SFTP, and FTP for devices with neither SFTP nor TLS: these may log in only from
# their own network, because their passwords travel in clear.
#
#   ssh-keygen -t ed25519 -N '' -f ssh_host_ed25519_key
#   ssh-keygen -t ecdsa -N '' -f ssh_host_ecdsa_key
#   ssh-keygen -t rsa -b 3072 -N '' -f ssh_host_rsa_key
#   tidegate check sftp.hcl
#
# All nodes need the same host keys. Old clients do not support Ed25519: JSch 0.1.x and
# WinSCP before 5.8 need the ECDSA key, phpseclib 1 and 2 the RSA key.

backend "azblob" "ingest" {
  account   = "contosoingest"
  container = "ingest"
  auth "managed_identity" {}
}

frontend "sftp" "public" {
  listen         = "0.0.0.0:22"
  host_key_files = ["ssh_host_ed25519_key", "ssh_host_ecdsa_key", "ssh_host_rsa_key"]
}

frontend "ftp" "devices" {
  listen = "0.0.0.0:21"
  passive {
    listen = "0.0.0.0:30000"
  }
}

tenant "contoso" {
  mount "/" {
    backend = backend.azblob.ingest
    path    = "contoso"
  }
  user "supplier" {
    authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEUI9EXLf885qJj5e/WfHc1r8jt3Zap3U9Ff/kBoz2PV supplier"]
  }
  user "camera-01" {
    # The password is "correct-horse". Make your own hash: tidegate hash-password
    password_hash = "$argon2id$v=19$m=19456,t=2,p=1$PrOQ/AVHLQ1YkUGfXoXG5w$POIou/+7BJOgnFimPkjN3kIa72tpe+hn76UEsOf5iwg"
    home          = "/cameras/01"
    networks      = ["10.20.0.0/16"]
  }
}
