# Without this file the directory is a module, for a configuration that has a provider. The
# subscription and the login come from the environment: ARM_SUBSCRIPTION_ID, and `az login`
# or ARM_CLIENT_ID and so on.
provider "azurerm" {
  features {}
  resource_providers_to_register = [
    "Microsoft.Compute",
    "Microsoft.Insights",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.Storage",
  ]
}
