# What Azure would be asked for, against a provider that makes nothing.
# `terraform test` after `terraform init`; `make terraform` does it without either.

mock_provider "azurerm" {
  mock_resource "azurerm_resource_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg" }
  }
  mock_resource "azurerm_subnet" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/nodes" }
  }
  mock_resource "azurerm_network_security_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg" }
  }
  mock_resource "azurerm_public_ip" {
    defaults = {
      id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/ip"
      fqdn       = "ftp-contoso.westeurope.cloudapp.azure.com"
      ip_address = "203.0.113.10"
    }
  }
  mock_resource "azurerm_lb" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/lb" }
  }
  mock_resource "azurerm_lb_backend_address_pool" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/lb/backendAddressPools/nodes" }
  }
  mock_resource "azurerm_lb_probe" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/loadBalancers/lb/probes/ready" }
  }
  mock_resource "azurerm_storage_account" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contosoingest" }
  }
  mock_resource "azurerm_storage_container" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/contosoingest/blobServices/default/containers/files" }
  }
  mock_resource "azurerm_storage_blob" {
    defaults = { url = "https://contosoingest.blob.core.windows.net/tidegate-packages/sum/tidegate.deb" }
  }
  mock_resource "azurerm_user_assigned_identity" {
    defaults = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tidegate"
      client_id    = "11111111-2222-3333-4444-555555555555"
      principal_id = "66666666-7777-8888-9999-000000000000"
    }
  }
  mock_resource "azurerm_linux_virtual_machine_scale_set" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute/virtualMachineScaleSets/tidegate" }
  }
  mock_resource "azurerm_monitor_action_group" {
    defaults = { id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Insights/actionGroups/tidegate" }
  }
}

variables {
  location             = "westeurope"
  storage_account_name = "contosoingest"
  dns_label            = "ftp-contoso"
  package_url          = "https://packages.contoso.example/tidegate_0.1.0_amd64.deb"
  package_sha256       = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  key_vault_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/contoso-ftp"
  certificate          = "ftp-tls"
  host_keys            = ["ssh-ed25519", "ssh-rsa"]
  variables            = { CAMERA_01_HASH = "camera-01" }
  admin_public_key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDGcjALZqkqkRNEJEHPXWYAwVLEkGbDBMZbNlBTFJG/0 admin"
  configuration = {
    "tenants.hcl" = <<-EOT
      tenant "contoso" {
        mount "/" {
          backend = backend.azblob.store
        }
        user "camera-01" {
          password_hash = env("CAMERA_01_HASH")
        }
      }
    EOT
  }
}

run "least" {
  assert {
    condition     = toset([for r in azurerm_lb_rule.control : "${r.frontend_port}>${r.backend_port}"]) == toset(["21>21", "22>2022"])
    error_message = "FTP and SFTP are balanced; a node has its own SSH server on 22."
  }
  assert {
    condition = alltrue([for r in azurerm_lb_rule.control :
      r.idle_timeout_in_minutes == 30 && r.tcp_reset_enabled && r.disable_outbound_snat && r.protocol == "Tcp" &&
    r.probe_id == azurerm_lb_probe.ready.id && one(r.backend_address_pool_ids) == azurerm_lb_backend_address_pool.this.id])
    error_message = "Control connections may be silent for 30 minutes, are reset then, and go to nodes that are ready."
  }
  assert {
    condition = alltrue([for r in azurerm_lb_nat_rule.passive :
    r.idle_timeout_in_minutes == 30 && r.tcp_reset_enabled && r.protocol == "Tcp" && r.backend_address_pool_id == azurerm_lb_backend_address_pool.this.id])
    error_message = "Data connections may be silent for 30 minutes, and are reset then."
  }
  assert {
    condition     = [for r in azurerm_lb_nat_rule.passive : "${r.frontend_port_start}-${r.frontend_port_end}>${r.backend_port}"] == ["30000-30007>30000"]
    error_message = "Four nodes, and four more while they are replaced, have a passive port each."
  }
  assert {
    condition     = azurerm_lb_probe.ready.protocol == "Http" && azurerm_lb_probe.ready.request_path == "/readyz" && azurerm_lb_probe.ready.port == 8080
    error_message = "The load balancer asks whether the node is ready."
  }
  assert {
    condition     = toset(azurerm_network_security_rule.clients.destination_port_ranges) == toset(["21", "2022", "30000"])
    error_message = "Clients reach the ports of the rules, as they are on a node, and no other."
  }
  assert {
    condition = (azurerm_network_security_rule.probe.destination_port_range == "8080" && azurerm_network_security_rule.probe.source_address_prefix == "AzureLoadBalancer" &&
      azurerm_network_security_rule.rest.access == "Deny" && azurerm_network_security_rule.rest.priority == 4096 && azurerm_network_security_rule.rest.destination_port_range == "*" &&
    length(azurerm_network_security_rule.admin) == 0)
    error_message = "The load balancer reaches the health port. Everything else is denied."
  }
  assert {
    condition = (one(azurerm_linux_virtual_machine_scale_set.this.network_interface).network_security_group_id == azurerm_network_security_group.this.id &&
    one(one(azurerm_linux_virtual_machine_scale_set.this.network_interface).ip_configuration).load_balancer_backend_address_pool_ids == toset([azurerm_lb_backend_address_pool.this.id]))
    error_message = "The nodes are behind the load balancer and the rules."
  }
  assert {
    condition     = azurerm_lb.this.sku == "Standard" && azurerm_public_ip.this.sku == "Standard" && azurerm_public_ip.this.domain_name_label == "ftp-contoso" && length(azurerm_public_ip.this.zones) == 3
    error_message = "A Standard load balancer over all zones, with a name."
  }
  assert {
    condition = (azurerm_role_assignment.files.scope == "${azurerm_storage_account.this[0].id}/blobServices/default/containers/files" &&
    azurerm_role_assignment.files.role_definition_name == "Storage Blob Data Contributor")
    error_message = "The identity may write to the container, and to nothing else in the account."
  }
  assert {
    condition     = azurerm_role_assignment.secrets.scope == var.key_vault_id && azurerm_role_assignment.secrets.role_definition_name == "Key Vault Secrets User"
    error_message = "The identity may read the secrets of the vault."
  }
  assert {
    condition = (!azurerm_storage_account.this[0].is_hns_enabled && !azurerm_storage_account.this[0].shared_access_key_enabled &&
    !azurerm_storage_account.this[0].allow_nested_items_to_be_public && length(azurerm_storage_account.this[0].network_rules) == 0)
    error_message = "A flat account without keys and anonymous access."
  }
  assert {
    condition     = length(azurerm_storage_blob.package) == 0 && length(azurerm_role_assignment.package) == 0 && azurerm_storage_container.files[0].name == "files"
    error_message = "With package_url nothing is uploaded."
  }
  assert {
    condition = (azurerm_linux_virtual_machine_scale_set.this.upgrade_mode == "Rolling" && !azurerm_linux_virtual_machine_scale_set.this.overprovision &&
      azurerm_linux_virtual_machine_scale_set.this.rolling_upgrade_policy[0].maximum_surge_instances_enabled &&
    azurerm_linux_virtual_machine_scale_set.this.rolling_upgrade_policy[0].max_batch_instance_percent == 50)
    error_message = "New nodes come before old ones go, half of them at a time."
  }
  assert {
    condition = (azurerm_linux_virtual_machine_scale_set.this.termination_notification[0].enabled &&
    azurerm_linux_virtual_machine_scale_set.this.termination_notification[0].timeout == "PT12M")
    error_message = "Azure waits for as long as drain_delay and grace take."
  }
  assert {
    condition = (azurerm_linux_virtual_machine_scale_set.this.health_probe_id == null &&
      jsondecode(one(azurerm_linux_virtual_machine_scale_set.this.extension).settings).requestPath == "/healthz" &&
      jsondecode(one(azurerm_linux_virtual_machine_scale_set.this.extension).settings).port == 8080 &&
    azurerm_linux_virtual_machine_scale_set.this.automatic_instance_repair[0].enabled)
    error_message = "Only a node whose process does not live is repaired: one that drains is not."
  }
  assert {
    condition     = toset(azurerm_linux_virtual_machine_scale_set.this.zones) == toset(["1", "2", "3"])
    error_message = "The nodes are spread over the zones."
  }
  assert {
    condition     = azurerm_monitor_autoscale_setting.this[0].profile[0].capacity[0].minimum == 2 && azurerm_monitor_autoscale_setting.this[0].profile[0].capacity[0].maximum == 4
    error_message = "From nodes to max_nodes."
  }
  assert {
    condition = (toset([for a in azurerm_monitor_metric_alert.this : one(a.criteria).metric_name]) == toset(["VipAvailability", "DipAvailability", "Availability", "Transactions"]) &&
    one(azurerm_monitor_metric_alert.this["storage-unavailable"].scopes) == azurerm_storage_account.this[0].id && length(azurerm_monitor_action_group.this) == 0)
    error_message = "Alerts for the load balancer, its probe and the storage account."
  }
  assert {
    condition     = output.address == "ftp-contoso.westeurope.cloudapp.azure.com" && output.ports == { control = [21, 22], passive = ["30000-30007"] } && output.store == "https://contosoingest.blob.core.windows.net/files"
    error_message = "What clients connect to."
  }
}

run "everything" {
  variables {
    resource_group_name    = "network"
    hierarchical_namespace = true
    storage_allowed_ips    = ["198.51.100.7"]
    container              = "ingest"
    package_file           = "./versions.tf"
    package_url            = null
    package_sha256         = null
    implicit_ftps          = true
    passive_port           = 50000
    allowed_clients        = ["203.0.113.0/24", "198.51.100.0/24"]
    nodes                  = 3
    max_nodes              = 50
    grace_minutes          = 1
    admin_sources          = ["10.40.1.0/26"]
    subnet_id              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/network/providers/Microsoft.Network/virtualNetworks/hub/subnets/ftp"
    alert_emails           = { operator = "operator@contoso.example" }
    action_group_ids       = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/network/providers/Microsoft.Insights/actionGroups/pager"]
  }
  assert {
    condition     = toset([for r in azurerm_lb_rule.control : "${r.frontend_port}>${r.backend_port}"]) == toset(["21>21", "990>990", "22>2022"])
    error_message = "Implicit FTPS is balanced too."
  }
  assert {
    condition = (toset([for r in azurerm_lb_nat_rule.passive : "${r.frontend_port_start}-${r.frontend_port_end}>${r.backend_port}"]) ==
    toset(["50000-50099>30000", "50100-50199>30001"]))
    error_message = "Each frontend has a range of its own, which leads to a port of its own."
  }
  assert {
    condition     = length(setintersection([for r in azurerm_lb_nat_rule.passive : r.backend_port], [for r in azurerm_lb_rule.control : r.backend_port])) == 0
    error_message = "Azure refuses a NAT rule to a port that a load balancing rule leads to."
  }
  # 64,000 ports of one address: 512 for each node, eight for each rule and each port of a range.
  assert {
    condition     = 100 * azurerm_lb_outbound_rule.this.allocated_outbound_ports + 8 * (sum([for r in azurerm_lb_nat_rule.passive : r.frontend_port_end - r.frontend_port_start + 1]) + length(azurerm_lb_rule.control)) <= 64000
    error_message = "The address has ports for the connections of all nodes."
  }
  assert {
    condition = (toset(azurerm_network_security_rule.clients.destination_port_ranges) == toset(["21", "990", "2022", "30000", "30001"]) &&
      toset(azurerm_network_security_rule.clients.source_address_prefixes) == toset(["203.0.113.0/24", "198.51.100.0/24"]) &&
    azurerm_network_security_rule.admin[0].destination_port_range == "22" && toset(azurerm_network_security_rule.admin[0].source_address_prefixes) == toset(["10.40.1.0/26"]))
    error_message = "Only these networks reach the ports of clients, and the administrator's the SSH server."
  }
  assert {
    condition     = length(azurerm_virtual_network.this) == 0 && length(azurerm_resource_group.this) == 0 && azurerm_lb.this.resource_group_name == "network"
    error_message = "The network and the group exist."
  }
  assert {
    condition = (azurerm_storage_account.this[0].is_hns_enabled && azurerm_storage_account.this[0].network_rules[0].default_action == "Deny" &&
      toset(azurerm_storage_account.this[0].network_rules[0].virtual_network_subnet_ids) == toset([var.subnet_id]) &&
    toset(azurerm_storage_account.this[0].network_rules[0].ip_rules) == toset(["198.51.100.7"]))
    error_message = "A hierarchical account that the nodes and one address reach."
  }
  assert {
    condition     = azurerm_role_assignment.files.scope == "${azurerm_storage_account.this[0].id}/blobServices/default/containers/ingest"
    error_message = "The identity may write to the container."
  }
  assert {
    condition = (azurerm_storage_account.this[0].shared_access_key_enabled && azurerm_storage_blob.package[0].name == "${filesha256("./versions.tf")}/versions.tf" &&
    endswith(azurerm_role_assignment.package[0].scope, "/containers/tidegate-packages") && azurerm_role_assignment.package[0].role_definition_name == "Storage Blob Data Reader")
    error_message = "The package is uploaded, and the nodes may read it."
  }
  assert {
    condition     = azurerm_linux_virtual_machine_scale_set.this.termination_notification[0].timeout == "PT5M" && azurerm_linux_virtual_machine_scale_set.this.rolling_upgrade_policy[0].max_batch_instance_percent == 50
    error_message = "Azure waits for five minutes at least. The size of a batch does not depend on the number of nodes: the provider would replace the scale set."
  }
  assert {
    condition     = alltrue([for a in azurerm_monitor_metric_alert.this : toset(a.action[*].action_group_id) == toset(concat(var.action_group_ids, azurerm_monitor_action_group.this[*].id))])
    error_message = "All alerts go to both groups."
  }
}

run "existing_account" {
  variables {
    storage_account_name        = null
    existing_storage_account_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/contosolake"
    container                   = "landing"
    create_container            = false
    ftp                         = false
    certificate                 = null
    zones                       = []
    max_nodes                   = 2
  }
  assert {
    condition     = length(azurerm_storage_account.this) == 0 && length(azurerm_storage_container.files) == 0
    error_message = "Nothing is made in the account."
  }
  assert {
    condition     = azurerm_role_assignment.files.scope == "${var.existing_storage_account_id}/blobServices/default/containers/landing" && output.store == "https://contosolake.blob.core.windows.net/landing"
    error_message = "The identity may write to the container that exists."
  }
  assert {
    condition     = keys(azurerm_lb_rule.control) == ["sftp"] && length(azurerm_lb_nat_rule.passive) == 0 && azurerm_network_security_rule.clients.destination_port_ranges == toset(["2022"])
    error_message = "SFTP alone needs no passive ports."
  }
  assert {
    condition     = length(azurerm_monitor_autoscale_setting.this) == 0
    error_message = "With max_nodes = nodes nothing scales."
  }
}

run "no_certificate" {
  command = plan
  variables { certificate = null }
  expect_failures = [var.certificate]
}

run "no_host_keys" {
  command = plan
  variables { host_keys = [] }
  expect_failures = [var.host_keys]
}

run "nothing_served" {
  command = plan
  variables {
    ftp  = false
    sftp = false
  }
  expect_failures = [var.ftp]
}

run "two_accounts" {
  command = plan
  variables { existing_storage_account_id = "/subscriptions/0/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/contosolake" }
  expect_failures = [var.storage_account_name]
}

run "package_without_sum" {
  command = plan
  variables { package_sha256 = null }
  expect_failures = [var.package_sha256]
}

run "package_in_clear" {
  command = plan
  variables { package_url = "http://packages.contoso.example/tidegate.deb" }
  expect_failures = [var.package_url]
}

run "configuration_of_the_package" {
  command = plan
  variables { configuration = { "tidegate.hcl" = "" } }
  expect_failures = [var.configuration]
}

run "more_nodes_than_the_most" {
  command = plan
  variables {
    nodes     = 5
    max_nodes = 4
  }
  expect_failures = [var.max_nodes]
}

run "ports_beyond_the_last" {
  command = plan
  variables { passive_port = 65530 }
  expect_failures = [var.passive_port]
}

run "grace_beyond_azures" {
  command = plan
  variables { grace_minutes = 14 }
  expect_failures = [var.grace_minutes]
}
