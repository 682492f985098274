# Stands for a destination root such as NHSDigital/terraform-aws-backup's, to rehearse with: it makes no
# resource of AWS and needs no download. Variables, backend and output are those of the real one.
terraform {
  backend "s3" {
    key = "destination/terraform.tfstate"
  }
}

variable "source_account_id" {
  type = string
}

variable "destination_account_id" {
  type    = string
  default = "555555555555"
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "vault_lock_type" {
  type    = string
  default = "governance"
}

variable "changeable_for_days" {
  type    = number
  default = 14
}

resource "terraform_data" "kms_key" {
  input = "key that ${var.source_account_id} may use"
}

resource "terraform_data" "vault" {
  input = "arn:aws:backup:${var.region}:${var.destination_account_id}:backup-vault:mavis-destination-backup-vault"
}

resource "terraform_data" "vault_policy" {
  input = "CopyIntoBackupVault by ${var.source_account_id}"
}

resource "terraform_data" "vault_lock" {
  input = { changeable_for_days = var.vault_lock_type == "compliance" ? var.changeable_for_days : null }
}

output "destination_vault_arn" {
  value = terraform_data.vault.output
}
