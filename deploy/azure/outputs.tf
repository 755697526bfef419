output "address" {
  description = "What clients connect to."
  value       = azurerm_public_ip.this.fqdn
}

output "ip_address" {
  description = "The address that PASV announces."
  value       = azurerm_public_ip.this.ip_address
}

output "ports" {
  description = "What clients' firewalls have to let out."
  value = {
    control = [for p in values(local.control_ports) : p.frontend]
    passive = [for r in azurerm_lb_nat_rule.passive : "${r.frontend_port_start}-${r.frontend_port_end}"]
  }
}

output "store" {
  description = "Where the files are."
  value       = "https://${local.account_name}.blob.core.windows.net/${var.container}"
}

output "identity_principal_id" {
  description = "The nodes' identity, for further roles."
  value       = azurerm_user_assigned_identity.this.principal_id
}
