"""What should happen: (sheet, command, policy, now) -> (sheet, events). Pure and deterministic."""
