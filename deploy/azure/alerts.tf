locals {
  alerts = {
    unreachable = {
      description = "Clients do not reach the load balancer or any node."
      scope       = azurerm_lb.this.id
      namespace   = "Microsoft.Network/loadBalancers"
      metric      = "VipAvailability"
      aggregation = "Average"
      operator    = "LessThan"
      threshold   = 90
      window      = "PT5M"
      severity    = 1
      dimensions  = {}
    }
    not-ready = {
      description = "A node fails the check of /readyz for longer than a replacement takes."
      scope       = azurerm_lb.this.id
      namespace   = "Microsoft.Network/loadBalancers"
      metric      = "DipAvailability"
      aggregation = "Average"
      operator    = "LessThan"
      threshold   = 90
      window      = "PT30M"
      severity    = 2
      dimensions  = {}
    }
    storage-unavailable = {
      description = "Requests to the storage account fail."
      scope       = local.account_id
      namespace   = "Microsoft.Storage/storageAccounts"
      metric      = "Availability"
      aggregation = "Average"
      operator    = "LessThan"
      threshold   = 99
      window      = "PT5M"
      severity    = 1
      dimensions  = {}
    }
    storage-throttled = {
      description = "The storage account throttles: uploads become slow. See \"When the service is slow or busy\" in docs/azure.md."
      scope       = local.account_id
      namespace   = "Microsoft.Storage/storageAccounts"
      metric      = "Transactions"
      aggregation = "Total"
      operator    = "GreaterThan"
      threshold   = 100
      window      = "PT5M"
      severity    = 2
      dimensions = {
        ResponseType = ["ServerBusyError", "ClientThrottlingError", "ClientAccountRequestThrottlingError", "ClientAccountBandwidthThrottlingError"]
      }
    }
  }
  action_group_ids = concat(var.action_group_ids, azurerm_monitor_action_group.this[*].id)
}

resource "azurerm_monitor_action_group" "this" {
  count               = length(var.alert_emails) > 0 ? 1 : 0
  name                = var.name
  resource_group_name = local.resource_group_name
  short_name          = substr(var.name, 0, 12)
  tags                = var.tags
  dynamic "email_receiver" {
    for_each = var.alert_emails
    content {
      name                    = email_receiver.key
      email_address           = email_receiver.value
      use_common_alert_schema = true
    }
  }
}

resource "azurerm_monitor_metric_alert" "this" {
  for_each            = local.alerts
  name                = "${var.name}-${each.key}"
  resource_group_name = local.resource_group_name
  scopes              = [each.value.scope]
  description         = each.value.description
  severity            = each.value.severity
  frequency           = "PT1M"
  window_size         = each.value.window
  tags                = var.tags
  criteria {
    metric_namespace = each.value.namespace
    metric_name      = each.value.metric
    aggregation      = each.value.aggregation
    operator         = each.value.operator
    threshold        = each.value.threshold
    dynamic "dimension" {
      for_each = each.value.dimensions
      content {
        name     = dimension.key
        operator = "Include"
        values   = dimension.value
      }
    }
  }
  dynamic "action" {
    for_each = local.action_group_ids
    content {
      action_group_id = action.value
    }
  }
}
