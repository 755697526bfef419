variable "name" {
  description = "The name of the scale set, and of everything that belongs to it."
  type        = string
  default     = "tidegate"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,28}[a-z0-9]$", var.name))
    error_message = "The name has 2 to 30 lower-case letters, digits and hyphens, and begins with a letter."
  }
}

variable "location" {
  description = "The region, such as \"westeurope\"."
  type        = string
}

variable "resource_group_name" {
  description = "An existing resource group. Without one, a group called `name` is made."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything that is made."
  type        = map(string)
  default     = {}
}

# Storage

variable "storage_account_name" {
  description = "The name of the storage account to make, unique in Azure. Without it, `existing_storage_account_id` is used."
  type        = string
  default     = null
  validation {
    condition     = var.storage_account_name == null ? true : can(regex("^[a-z0-9]{3,24}$", var.storage_account_name))
    error_message = "A storage account has 3 to 24 lower-case letters and digits."
  }
  validation {
    condition     = (var.storage_account_name == null) != (var.existing_storage_account_id == null)
    error_message = "Write either storage_account_name, to make an account, or existing_storage_account_id."
  }
}

variable "existing_storage_account_id" {
  description = "The id of a storage account that exists."
  type        = string
  default     = null
  validation {
    condition     = var.existing_storage_account_id == null ? true : can(regex("/providers/Microsoft.Storage/storageAccounts/[a-z0-9]{3,24}$", var.existing_storage_account_id))
    error_message = "The id ends with /providers/Microsoft.Storage/storageAccounts/NAME."
  }
}

variable "hierarchical_namespace" {
  description = "Makes an account with hierarchical namespace (Data Lake Storage Gen2)."
  type        = bool
  default     = false
}

variable "replication" {
  description = "The replication of the account that is made."
  type        = string
  default     = "ZRS"
  validation {
    condition     = contains(["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"], var.replication)
    error_message = "One of LRS, ZRS, GRS, RAGRS, GZRS and RAGZRS."
  }
}

variable "storage_allowed_ips" {
  description = "With a list, the account that is made can be reached from the nodes and from these public addresses only."
  type        = list(string)
  default     = null
}

variable "container" {
  description = "The container of the files."
  type        = string
  default     = "files"
}

variable "create_container" {
  description = "Makes the container. false: it exists."
  type        = bool
  default     = true
}

# Program and configuration

variable "package_file" {
  description = "The .deb of Tidegate on this machine, which is uploaded to the container `tidegate-packages` of the account."
  type        = string
  default     = null
  validation {
    condition     = (var.package_file == null) != (var.package_url == null)
    error_message = "Write either package_file or package_url."
  }
}

variable "package_url" {
  description = "Where the nodes find the .deb, in HTTPS."
  type        = string
  default     = null
  validation {
    condition     = var.package_url == null ? true : startswith(var.package_url, "https://")
    error_message = "The package is fetched over HTTPS."
  }
}

variable "package_sha256" {
  description = "The SHA-256 of the package at `package_url`, in hexadecimal digits."
  type        = string
  default     = null
  validation {
    condition     = var.package_sha256 == null ? var.package_url == null : can(regex("^[0-9a-f]{64}$", var.package_sha256))
    error_message = "package_url needs package_sha256: 64 hexadecimal digits in lower case, as in SHA256SUMS of the release."
  }
}

variable "configuration" {
  description = "Files of the configuration besides the one that is generated: names and texts. They have the tenants, and use the store as `backend.azblob.store`."
  type        = map(string)
  validation {
    condition     = length(var.configuration) > 0 && alltrue([for name, _ in var.configuration : can(regex("^[a-z0-9-]+\\.hcl$", name)) && !contains(["azure.hcl", "tidegate.hcl"], name)])
    error_message = "At least one file NAME.hcl is needed, with the tenants. azure.hcl is generated, and tidegate.hcl belongs to the package."
  }
}

variable "memory" {
  description = "The memory of all transfers of a node: `transfers { memory }`."
  type        = string
  default     = "1GiB"
}

# Secrets

variable "key_vault_id" {
  description = "The Key Vault with the secrets. It uses Azure RBAC. The nodes' identity gets the role Key Vault Secrets User on it."
  type        = string
  validation {
    condition     = can(regex("/providers/Microsoft.KeyVault/vaults/[A-Za-z0-9-]{3,24}$", var.key_vault_id))
    error_message = "The id ends with /providers/Microsoft.KeyVault/vaults/NAME."
  }
}

variable "certificate" {
  description = "The certificate of FTPS in the vault, of the content type application/x-pem-file. Needed for FTP."
  type        = string
  default     = null
  validation {
    condition     = var.certificate != null || !(var.ftp || var.implicit_ftps)
    error_message = "FTP needs a certificate: all nodes show the same one."
  }
}

variable "host_keys" {
  description = "The secrets in the vault that have the private host keys, as ssh-keygen writes them. Needed for SFTP."
  type        = list(string)
  default     = []
  validation {
    condition     = length(var.host_keys) > 0 || !var.sftp
    error_message = "SFTP needs host keys: all nodes have the same ones."
  }
}

variable "variables" {
  description = "Variables of the configuration, `env(\"NAME\")`: their names, and the secrets in the vault with their values, such as hashes of passwords."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for name, _ in var.variables : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name))])
    error_message = "A variable has letters, digits and underscores."
  }
}

# Clients

variable "ftp" {
  description = "FTP with explicit TLS, on port 21."
  type        = bool
  default     = true
  validation {
    condition     = var.ftp || var.implicit_ftps || var.sftp
    error_message = "Nothing is served: write at least one of ftp, implicit_ftps and sftp."
  }
}

variable "implicit_ftps" {
  description = "FTP with implicit TLS, on port 990."
  type        = bool
  default     = false
}

variable "sftp" {
  description = "SFTP, on port 22."
  type        = bool
  default     = true
}

variable "dns_label" {
  description = "The name of the public address: LABEL.REGION.cloudapp.azure.com."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,61}[a-z0-9]$", var.dns_label))
    error_message = "A label has 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "passive_port" {
  description = "The first of the ports for FTP's data connections. There is one for each node and each of `ftp` and `implicit_ftps`, and as many again for nodes that replace others."
  type        = number
  default     = 30000
  validation {
    condition     = var.passive_port >= 1024 && var.passive_port + 4 * var.max_nodes <= 65536
    error_message = "The passive ports lie between 1024 and 65535."
  }
}

variable "allowed_clients" {
  description = "The networks that clients come from."
  type        = list(string)
  default     = ["0.0.0.0/0"]
}

# Nodes

variable "nodes" {
  description = "The number of nodes, and the least with autoscale."
  type        = number
  default     = 2
  validation {
    condition     = var.nodes >= 1 && floor(var.nodes) == var.nodes
    error_message = "At least one node is needed."
  }
}

variable "max_nodes" {
  description = "The largest number of nodes. More than `nodes`: autoscale by CPU."
  type        = number
  default     = 4
  validation {
    condition     = var.max_nodes >= var.nodes && var.max_nodes <= 50 && floor(var.max_nodes) == var.max_nodes
    error_message = "max_nodes is a number from nodes to 50."
  }
}

variable "vm_size" {
  description = "The size of a node. amd64."
  type        = string
  default     = "Standard_D2as_v5"
}

variable "zones" {
  description = "The availability zones. [] in a region without zones."
  type        = list(string)
  default     = ["1", "2", "3"]
}

variable "grace_minutes" {
  description = "How long running transfers may continue on a node that is removed or replaced. Azure waits 15 minutes at most."
  type        = number
  default     = 10
  validation {
    condition     = var.grace_minutes >= 1 && var.grace_minutes <= 13 && floor(var.grace_minutes) == var.grace_minutes
    error_message = "From 1 to 13 minutes: Azure waits 15 minutes at most, and the rest is for the load balancer and the end."
  }
}

variable "admin_public_key" {
  description = "The SSH public key of the user `azureuser` of the machines."
  type        = string
}

variable "admin_sources" {
  description = "Networks that may reach the machines' own SSH server, for example the subnet of Azure Bastion. It is not published."
  type        = list(string)
  default     = []
}

variable "subnet_id" {
  description = "An existing subnet, with the service endpoints Microsoft.Storage and Microsoft.KeyVault where those have firewalls. Without one, a network is made."
  type        = string
  default     = null
}

variable "address_space" {
  description = "The addresses of the network that is made."
  type        = string
  default     = "10.40.0.0/24"
}

# Alerts

variable "alert_emails" {
  description = "Who gets alerts: names and addresses."
  type        = map(string)
  default     = {}
}

variable "action_group_ids" {
  description = "Existing action groups that get alerts."
  type        = list(string)
  default     = []
}
