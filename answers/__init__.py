"""What the service answers: structs shaped from the services' views, the same for all who read."""
