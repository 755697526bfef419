frontend "ftp" "f1" {
  listen                   = "127.0.0.1" # ERROR: Invalid address to listen on
  banner                   = "a\tb" # ERROR: Control character in a text
  max_sessions             = -1 # ERROR: Invalid bound
  max_logins               = 0 # ERROR: Invalid number
  proxy_protocol           = ["10.0.0.0/99"] # ERROR: Invalid network
  passive {
    listen     = "127.0.0.1:30000-29000" # ERROR: Invalid address of passive ports
    host       = "::1" # ERROR: PASV can only announce an IPv4 address
    port       = "65536" # ERROR: Invalid port
    peer_check = "off" # ERROR: Anybody may take a data connection
  }
  tls { # ERROR: No certificate
    mode = "required"
  }
}
frontend "ftp" "f2" {
  listen = "127.0.0.1:2201"
  passive { listen = "127.0.0.1:2202-x" } # ERROR: Invalid address of passive ports
  tls { # ERROR: Two certificates
    mode        = "required"
    self_signed = true
    cert_file   = "x"
  }
}
frontend "ftp" "f3" {
  listen = "127.0.0.1:2203"
  passive { listen = "127.0.0.1:2204" }
  tls {
    mode      = "required"
    cert_file = "@DIR@/other.pem" # ERROR: Certificate and key cannot be used
    key_file  = "@DIR@/key.pem"
  }
}
frontend "ftp" "f4" {
  listen = "127.0.0.1:2205"
  passive { listen = "127.0.0.1:2206" }
  tls {
    mode      = "required"
    cert_file = "@DIR@/past.pem" # ERROR: Certificate has expired
    key_file  = "@DIR@/past.key"
  }
}
frontend "ftp" "f5" {
  listen = "127.0.0.1:2207"
  passive { listen = "127.0.0.1:2208" }
  tls {
    mode      = "required"
    cert_file = "@DIR@/future.pem" # ERROR: Certificate is not valid yet
    key_file  = "@DIR@/future.key"
  }
}
frontend "ftp" "f6" {
  listen = "127.0.0.1:2209"
  passive { listen = "127.0.0.1:2210" }
  tls {
    mode      = "required"
    cert_file = "@DIR@/soon.pem" # WARNING: Certificate expires soon
    key_file  = "@DIR@/soon.key" # WARNING: Every user may read a secret
  }
}
frontend "ftp" "f7" {
  listen = "127.0.0.1:2211"
  passive { listen = "127.0.0.1:2211" } # ERROR: Port is used twice
  tls {
    mode      = "required"
    cert_file = "@DIR@/weak.pem" # WARNING: Weak key of a certificate
    key_file  = "@DIR@/weak.key"
  }
}
frontend "ftp" "f8" {
  listen = "127.0.0.1:2281"
  passive { listen = "127.0.0.1:2282" }
  tls {
    mode                = "required"
    self_signed         = true
    client_certificates = "require" # ERROR: Client certificates without an authority
  }
}
frontend "ftp" "f9" {
  listen = "127.0.0.1:2283"
  passive { listen = "127.0.0.1:2284" }
  tls {
    mode           = "required"
    self_signed    = true
    client_ca_file = "testdata/check/ftp.hcl" # ERROR: Authorities cannot be used
  }
}
