# Stands for the root `terraform/environment` of a service with a DynamoDB table and an OpenSearch
# ingestion pipeline, to rehearse a restore with the real Terraform: `terraform_data` is built in, so
# nothing is downloaded. Only the pipeline is real to the rehearsal: it is deleted and made there.

terraform {
  required_version = ">= 1.4"
}

variable "default_role" {
  type        = string
  description = "The role that a provider would assume."
  default     = "modernising-lpa-ci"
}

variable "container_version" {
  type        = string
  description = "The image tag that the service runs. A tag that is not the one in production would deploy."
  default     = "main-v0.1182.3"
}

variable "environments" {
  type = map(object({
    account_id = string
    dynamodb = object({
      lpas_table_name        = string
      region_replica_enabled = bool
    })
  }))
}

locals {
  environment = var.environments[terraform.workspace]
  table       = "${terraform.workspace}-${local.environment.dynamodb.lpas_table_name}"
  table_arn   = "arn:aws:dynamodb:eu-west-1:${local.environment.account_id}:table/${local.table}"
}

# In place of aws_dynamodb_table.lpas_table; imported by the table's name.
resource "terraform_data" "lpas_table" {
  input = {
    name                        = local.table
    point_in_time_recovery      = true
    stream_view_type            = "NEW_AND_OLD_IMAGES"
    deletion_protection_enabled = true
    tags                        = { "environment-name" = terraform.workspace, application = "modernising-lpa" }
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "terraform_data" "sessions_table" {
  input = { name = "${terraform.workspace}-Sessions" }
}

# In place of aws_osis_pipeline.lpas_stream[0]. The script is its provider: what is there it deletes
# first, because Terraform runs no provisioner at the end of what is tainted.
resource "terraform_data" "lpas_stream" {
  count = 1
  input = {
    name          = "lpas-${terraform.workspace}-stream"
    configuration = <<-EOT
      version: '2'
      dynamodb-pipeline:
        source:
          dynamodb:
            tables:
              - table_arn: ${local.table_arn}
                stream:
                  start_position: LATEST
        sink:
          - opensearch:
              index: lpas
    EOT
  }

  provisioner "local-exec" {
    command = "python3 pipeline.py"
    environment = {
      PIPELINE_NAME          = self.input.name
      PIPELINE_CONFIGURATION = self.input.configuration
    }
  }
}

resource "terraform_data" "opensearch_pipeline_policy" {
  input = { reads = [local.table_arn, "${local.table_arn}/stream/*"] }
}

resource "terraform_data" "app_task_role_policy" {
  input = { reads = [local.table_arn, "${local.table_arn}/index/*"] }
}

resource "terraform_data" "event_received_policy" {
  input = { reads = [local.table_arn] }
}

resource "terraform_data" "event_received" {
  input = { function = "event-received-${terraform.workspace}", LPAS_TABLE = local.table }
}

resource "terraform_data" "app_task_definition" {
  triggers_replace = [local.table, var.container_version]
  input            = { image = "modernising-lpa/app:${var.container_version}", LPAS_TABLE = local.table }
}

resource "terraform_data" "app_service" {
  input = { task_definition = terraform_data.app_task_definition.id }
}

resource "terraform_data" "backup_selection" {
  input = { resources = [local.table_arn] }
}

output "lpas_table" {
  value = local.table
}
