node {
  name = "ftp-1 # ERROR: Unclosed quote
}
