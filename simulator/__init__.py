"""A day of the out-patient department, played through the service and checked by its answers."""
