locals {
  makes_account = var.existing_storage_account_id == null
  account_id    = local.makes_account ? azurerm_storage_account.this[0].id : var.existing_storage_account_id
  account_name  = local.makes_account ? var.storage_account_name : reverse(split("/", var.existing_storage_account_id))[0]
  container_id  = "${local.account_id}/blobServices/default/containers/${var.container}"

  uploads      = var.package_file != null
  package_name = local.uploads ? basename(var.package_file) : ""
  packages     = "tidegate-packages"
}

resource "azurerm_storage_account" "this" {
  count                           = local.makes_account ? 1 : 0
  name                            = var.storage_account_name
  location                        = var.location
  resource_group_name             = local.resource_group_name
  account_kind                    = "StorageV2"
  account_tier                    = "Standard"
  account_replication_type        = var.replication
  is_hns_enabled                  = var.hierarchical_namespace
  min_tls_version                 = "TLS1_2"
  allow_nested_items_to_be_public = false
  default_to_oauth_authentication = true
  # Terraform uploads the package with a key. Tidegate never uses one.
  shared_access_key_enabled = local.uploads
  tags                      = var.tags

  dynamic "network_rules" {
    for_each = var.storage_allowed_ips == null ? [] : [var.storage_allowed_ips]
    content {
      default_action             = "Deny"
      bypass                     = ["AzureServices"]
      ip_rules                   = network_rules.value
      virtual_network_subnet_ids = [local.subnet_id]
    }
  }
}

resource "azurerm_storage_container" "files" {
  count              = var.create_container ? 1 : 0
  name               = var.container
  storage_account_id = local.account_id
}

resource "azurerm_storage_container" "packages" {
  count              = local.uploads ? 1 : 0
  name               = local.packages
  storage_account_id = local.account_id
}
