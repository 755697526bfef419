log {
  /* # ERROR: Unclosed text */ level = <<EOT
debug
}
