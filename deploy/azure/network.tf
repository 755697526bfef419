locals {
  resource_group_name = var.resource_group_name == null ? azurerm_resource_group.this[0].name : var.resource_group_name
  subnet_id           = var.subnet_id == null ? azurerm_subnet.this[0].id : var.subnet_id

  # Ports of the load balancer, and of a node. SFTP has another one there because of the
  # machine's own SSH server.
  control_ports = merge(
    var.ftp ? { ftp = { frontend = 21, node = 21 } } : {},
    var.implicit_ftps ? { ftps = { frontend = 990, node = 990 } } : {},
    var.sftp ? { sftp = { frontend = 22, node = 2022 } } : {},
  )
  # Passive ports of a node, and the first of the load balancer's: one for each node, and as
  # many again, because new nodes begin before those that they replace have ended.
  passive_ports = merge(
    var.ftp ? { ftp = { node = 30000, first = var.passive_port } } : {},
    var.implicit_ftps ? { ftps = { node = 30001, first = var.passive_port + (var.ftp ? local.most_nodes : 0) } } : {},
  )
  most_nodes  = 2 * var.max_nodes
  health_port = 8080
}

resource "azurerm_resource_group" "this" {
  count    = var.resource_group_name == null ? 1 : 0
  name     = var.name
  location = var.location
  tags     = var.tags
}

resource "azurerm_virtual_network" "this" {
  count               = var.subnet_id == null ? 1 : 0
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  address_space       = [var.address_space]
  tags                = var.tags
}

resource "azurerm_subnet" "this" {
  count                           = var.subnet_id == null ? 1 : 0
  name                            = "nodes"
  resource_group_name             = local.resource_group_name
  virtual_network_name            = azurerm_virtual_network.this[0].name
  address_prefixes                = [var.address_space]
  default_outbound_access_enabled = false
  # The files go to the account over these, not through the load balancer.
  service_endpoint {
    service = "Microsoft.Storage"
  }
  service_endpoint {
    service = "Microsoft.KeyVault"
  }
}

resource "azurerm_network_security_group" "this" {
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  tags                = var.tags
}

# A packet has the port of the node here: the load balancer has replaced its own.
resource "azurerm_network_security_rule" "clients" {
  name                        = "clients"
  resource_group_name         = local.resource_group_name
  network_security_group_name = azurerm_network_security_group.this.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefixes     = var.allowed_clients
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_ranges     = sort([for p in concat(values(local.control_ports), values(local.passive_ports)) : tostring(p.node)])
}

resource "azurerm_network_security_rule" "probe" {
  name                        = "probe"
  resource_group_name         = local.resource_group_name
  network_security_group_name = azurerm_network_security_group.this.name
  priority                    = 200
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefix       = "AzureLoadBalancer"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = tostring(local.health_port)
}

resource "azurerm_network_security_rule" "admin" {
  count                       = length(var.admin_sources) > 0 ? 1 : 0
  name                        = "admin"
  resource_group_name         = local.resource_group_name
  network_security_group_name = azurerm_network_security_group.this.name
  priority                    = 300
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_address_prefixes     = var.admin_sources
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "22"
}

# Without it Azure's own rules let in the whole virtual network.
resource "azurerm_network_security_rule" "rest" {
  name                        = "rest"
  resource_group_name         = local.resource_group_name
  network_security_group_name = azurerm_network_security_group.this.name
  priority                    = 4096
  direction                   = "Inbound"
  access                      = "Deny"
  protocol                    = "*"
  source_address_prefix       = "*"
  source_port_range           = "*"
  destination_address_prefix  = "*"
  destination_port_range      = "*"
}
