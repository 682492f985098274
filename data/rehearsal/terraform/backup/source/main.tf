# Stands for a source root, to rehearse with: no resource of AWS, no download.
terraform {
  backend "s3" {
    key = "source/terraform.tfstate"
  }
}

variable "destination_vault_arn" {
  type = string

  validation {
    condition     = can(regex("^arn:aws:backup:", var.destination_vault_arn))
    error_message = "destination_vault_arn is no vault's ARN."
  }
}

resource "terraform_data" "vault" {
  input = "mavis-production-backup-vault"
}

resource "terraform_data" "plan" {
  input = "copies to ${var.destination_vault_arn}"
}

resource "terraform_data" "selection" {
  input = "NHSE-Enable-Backup"
}

output "copies_to" {
  value = var.destination_vault_arn
}
