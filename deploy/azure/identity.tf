resource "azurerm_user_assigned_identity" "this" {
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  tags                = var.tags
}

# Enough for accounts without and with hierarchical namespace: docs/azure.md.
resource "azurerm_role_assignment" "files" {
  scope                = local.container_id
  role_definition_name = "Storage Blob Data Contributor"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
  depends_on           = [azurerm_storage_container.files]
}

resource "azurerm_role_assignment" "package" {
  count                = local.uploads ? 1 : 0
  scope                = "${local.account_id}/blobServices/default/containers/${local.packages}"
  role_definition_name = "Storage Blob Data Reader"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
  depends_on           = [azurerm_storage_container.packages]
}

resource "azurerm_role_assignment" "secrets" {
  scope                = var.key_vault_id
  role_definition_name = "Key Vault Secrets User"
  principal_id         = azurerm_user_assigned_identity.this.principal_id
  principal_type       = "ServicePrincipal"
}
