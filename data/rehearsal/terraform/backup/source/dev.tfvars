# The destination's vault; the runbook backup-infrastructure writes it.
destination_vault_arn = "not-known-yet"
