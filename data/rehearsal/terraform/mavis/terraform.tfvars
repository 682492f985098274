# The cluster that the application uses.
cluster_identifier = "mavis-production"
