locals {
  frontend = "public"
  # Azure ends silent connections after this time, at most 30 minutes for data connections.
  idle_minutes = 30
}

resource "azurerm_public_ip" "this" {
  name                    = var.name
  location                = var.location
  resource_group_name     = local.resource_group_name
  allocation_method       = "Static"
  sku                     = "Standard"
  zones                   = var.zones
  domain_name_label       = var.dns_label
  idle_timeout_in_minutes = local.idle_minutes
  tags                    = var.tags
}

resource "azurerm_lb" "this" {
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  sku                 = "Standard"
  tags                = var.tags
  frontend_ip_configuration {
    name                 = local.frontend
    public_ip_address_id = azurerm_public_ip.this.id
  }
}

resource "azurerm_lb_backend_address_pool" "this" {
  name            = "nodes"
  loadbalancer_id = azurerm_lb.this.id
}

# A node that drains is not ready at once: it gets no new clients, and keeps those that it has.
resource "azurerm_lb_probe" "ready" {
  name                = "ready"
  loadbalancer_id     = azurerm_lb.this.id
  protocol            = "Http"
  port                = local.health_port
  request_path        = "/readyz"
  interval_in_seconds = 5
  probe_threshold     = 2
}

resource "azurerm_lb_rule" "control" {
  for_each                       = local.control_ports
  name                           = each.key
  loadbalancer_id                = azurerm_lb.this.id
  protocol                       = "Tcp"
  frontend_port                  = each.value.frontend
  backend_port                   = each.value.node
  frontend_ip_configuration_name = local.frontend
  backend_address_pool_ids       = [azurerm_lb_backend_address_pool.this.id]
  probe_id                       = azurerm_lb_probe.ready.id
  idle_timeout_in_minutes        = local.idle_minutes
  tcp_reset_enabled              = true
  disable_outbound_snat          = true
}

# An inbound NAT rule (v2) for the whole pool: each node gets one port of the range, which
# leads to its passive port. A node asks Azure which one. These rules have no probe, so a node
# that drains keeps its data connections.
resource "azurerm_lb_nat_rule" "passive" {
  for_each                       = local.passive_ports
  name                           = "passive-${each.key}"
  resource_group_name            = local.resource_group_name
  loadbalancer_id                = azurerm_lb.this.id
  protocol                       = "Tcp"
  frontend_port_start            = each.value.first
  frontend_port_end              = each.value.first + local.most_nodes - 1
  backend_port                   = each.value.node
  backend_address_pool_id        = azurerm_lb_backend_address_pool.this.id
  frontend_ip_configuration_name = local.frontend
  idle_timeout_in_minutes        = local.idle_minutes
  tcp_reset_enabled              = true
}

# For updates of Debian, webhooks and the like. 512 ports for each of at most 100 nodes, of
# the 64,000 of one address; eight for each port of the rules above.
resource "azurerm_lb_outbound_rule" "this" {
  name                     = "outbound"
  loadbalancer_id          = azurerm_lb.this.id
  protocol                 = "All"
  backend_address_pool_id  = azurerm_lb_backend_address_pool.this.id
  allocated_outbound_ports = 512
  idle_timeout_in_minutes  = 4
  tcp_reset_enabled        = true
  frontend_ip_configuration {
    name = local.frontend
  }
}
