# A small stand-in for the Terraform root of Mavis, to rehearse a restore with the real Terraform and
# without a provider: `terraform_data` is built in. Its object is imported by any id, as an Aurora cluster
# is by its identifier.

terraform {
  required_version = ">= 1.4"
}

variable "cluster_identifier" {
  type        = string
  description = "The identifier of the Aurora cluster that the application uses."
  default     = "mavis-production"
}

variable "instance_count" {
  type    = number
  default = 1
}

resource "terraform_data" "core" {
  lifecycle {
    prevent_destroy = true
  }
}

# Imported by any id, too. Where the import is left out its id tells, and whatever would replace it stops
# the restore.
resource "terraform_data" "instance" {
  count = var.instance_count
  input = {
    identifier         = "${var.cluster_identifier}-${count.index}"
    cluster_identifier = terraform_data.core.id
  }
}

resource "terraform_data" "parameter" {
  input = { name = "/mavis/database/cluster", value = terraform_data.core.id }
}

output "cluster_identifier" {
  value = terraform_data.core.id
}
