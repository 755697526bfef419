# By CPU, which TLS, SSH and checksums take. Azure's autoscale cannot see sessions: a metric of
# its own would need an agent on each node.
resource "azurerm_monitor_autoscale_setting" "this" {
  count               = var.max_nodes > var.nodes ? 1 : 0
  name                = var.name
  location            = var.location
  resource_group_name = local.resource_group_name
  target_resource_id  = azurerm_linux_virtual_machine_scale_set.this.id
  tags                = var.tags
  profile {
    name = "cpu"
    capacity {
      default = var.nodes
      minimum = var.nodes
      maximum = var.max_nodes
    }
    rule {
      metric_trigger {
        metric_name        = "Percentage CPU"
        metric_resource_id = azurerm_linux_virtual_machine_scale_set.this.id
        time_grain         = "PT1M"
        statistic          = "Average"
        time_window        = "PT5M"
        time_aggregation   = "Average"
        operator           = "GreaterThan"
        threshold          = 60
      }
      scale_action {
        direction = "Increase"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT5M"
      }
    }
    # Late and one at a time: each node that goes has to finish its transfers.
    rule {
      metric_trigger {
        metric_name        = "Percentage CPU"
        metric_resource_id = azurerm_linux_virtual_machine_scale_set.this.id
        time_grain         = "PT1M"
        statistic          = "Average"
        time_window        = "PT30M"
        time_aggregation   = "Average"
        operator           = "LessThan"
        threshold          = 20
      }
      scale_action {
        direction = "Decrease"
        type      = "ChangeCount"
        value     = "1"
        cooldown  = "PT30M"
      }
    }
  }
}
