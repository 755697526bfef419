locals {
  # Where the nodes find the package, and what it must be.
  package_url    = local.uploads ? azurerm_storage_blob.package[0].url : var.package_url
  package_sha256 = local.uploads ? filesha256(var.package_file) : var.package_sha256

  # What node/tidegate-azure reads.
  setup = {
    client_id     = azurerm_user_assigned_identity.this.client_id
    vault         = "https://${reverse(split("/", var.key_vault_id))[0]}.vault.azure.net"
    certificate   = var.certificate
    host_keys     = var.sftp ? var.host_keys : []
    variables     = var.variables
    directory     = "/etc/tidegate/secrets"
    group         = "tidegate"
    configuration = [for name in concat(["azure.hcl"], keys(var.configuration)) : "/etc/tidegate/${name}"]
    package = {
      url           = local.package_url
      sha256        = local.package_sha256
      with_identity = local.uploads
    }
  }

  generated = templatefile("${path.module}/node/azure.hcl.tftpl", {
    memory      = var.memory
    grace       = var.grace_minutes
    account     = local.account_name
    container   = var.container
    client_id   = azurerm_user_assigned_identity.this.client_id
    health_port = local.health_port
    ftp = merge(
      var.ftp ? { public = { port = 21, passive = local.passive_ports.ftp.node, tls = "required" } } : {},
      var.implicit_ftps ? { implicit = { port = 990, passive = local.passive_ports.ftps.node, tls = "implicit" } } : {},
    )
    sftp_port = var.sftp ? local.control_ports.sftp.node : null
    host_keys = var.host_keys
  })

  files = merge(
    { for name, text in var.configuration : "/etc/tidegate/${name}" => { mode = "0640", text = text } },
    {
      "/etc/tidegate/azure.hcl"                           = { mode = "0640", text = local.generated }
      "/etc/tidegate-azure.json"                          = { mode = "0600", text = jsonencode(local.setup) }
      "/usr/local/sbin/tidegate-azure"                    = { mode = "0755", text = file("${path.module}/node/tidegate-azure") }
      "/etc/systemd/system/tidegate.service.d/azure.conf" = { mode = "0644", text = file("${path.module}/node/service.conf") }
      "/etc/systemd/system/tidegate-secrets.service"      = { mode = "0644", text = file("${path.module}/node/tidegate-secrets.service") }
      "/etc/systemd/system/tidegate-secrets.timer"        = { mode = "0644", text = file("${path.module}/node/tidegate-secrets.timer") }
    },
  )

  cloud_config = {
    write_files = [for path, f in local.files : { path = path, owner = "root:root", permissions = f.mode, content = f.text }]
    runcmd      = [["/usr/local/sbin/tidegate-azure", "install"]]
  }

}

# The name has the checksum, so that another package is another blob, and the nodes that
# are replaced get the new one.
resource "azurerm_storage_blob" "package" {
  count                = local.uploads ? 1 : 0
  name                 = "${filesha256(var.package_file)}/${local.package_name}"
  storage_container_id = azurerm_storage_container.packages[0].id
  type                 = "Block"
  source               = var.package_file
  lifecycle {
    create_before_destroy = true
  }
}

resource "azurerm_linux_virtual_machine_scale_set" "this" {
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  sku                 = var.vm_size
  instances           = var.nodes
  zones               = var.zones
  overprovision       = false
  custom_data         = base64gzip("#cloud-config\n${yamlencode(local.cloud_config)}")
  tags                = var.tags

  admin_username = "azureuser"
  admin_ssh_key {
    username   = "azureuser"
    public_key = var.admin_public_key
  }
  boot_diagnostics {}

  source_image_reference {
    publisher = "Debian"
    offer     = "debian-12"
    sku       = "12-gen2"
    version   = "latest"
  }
  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.this.id]
  }

  network_interface {
    name                           = "nic"
    primary                        = true
    accelerated_networking_enabled = true
    network_security_group_id      = azurerm_network_security_group.this.id
    ip_configuration {
      name                                   = "internal"
      primary                                = true
      subnet_id                              = local.subnet_id
      load_balancer_backend_address_pool_ids = [azurerm_lb_backend_address_pool.this.id]
    }
  }

  # New nodes are made, and when they are healthy, old ones are removed: only so do these get
  # a notice, finish their transfers, and are nodes made of the new custom_data.
  upgrade_mode = "Rolling"
  rolling_upgrade_policy {
    # One of two nodes must be allowed. These depend on no variable: a change of them would
    # make the provider replace the whole scale set.
    max_batch_instance_percent              = 50
    max_unhealthy_instance_percent          = 50
    max_unhealthy_upgraded_instance_percent = 50
    pause_time_between_batches              = "PT1M"
    maximum_surge_instances_enabled         = true
  }
  # Azure waits so long, or until the node says that it has ended.
  termination_notification {
    enabled = true
    timeout = "PT${max(5, var.grace_minutes + 2)}M"
  }

  # Whether the process lives, not whether the node is ready: one that drains must not be
  # replaced in the middle of its transfers.
  extension {
    name                       = "health"
    publisher                  = "Microsoft.ManagedServices"
    type                       = "ApplicationHealthLinux"
    type_handler_version       = "2.0"
    auto_upgrade_minor_version = true
    settings = jsonencode({
      protocol          = "http"
      port              = local.health_port
      requestPath       = "/healthz"
      intervalInSeconds = 10
      numberOfProbes    = 3
      gracePeriod       = 1200
    })
  }
  automatic_instance_repair {
    enabled      = true
    action       = "Replace"
    grace_period = "PT30M"
  }

  lifecycle {
    ignore_changes = [instances] # autoscale changes it
    precondition {
      condition     = length(base64gzip("#cloud-config\n${yamlencode(local.cloud_config)}")) <= 87380
      error_message = "The configuration is too long for Azure: 64 KiB, compressed."
    }
  }

  # A node must find its rules and its rights.
  depends_on = [
    azurerm_lb_rule.control,
    azurerm_lb_nat_rule.passive,
    azurerm_lb_outbound_rule.this,
    azurerm_role_assignment.files,
    azurerm_role_assignment.package,
    azurerm_role_assignment.secrets,
    azurerm_network_security_rule.clients,
    azurerm_network_security_rule.probe,
    azurerm_network_security_rule.rest,
  ]
}
