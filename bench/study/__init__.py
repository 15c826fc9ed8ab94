"""What the order of the line does to waits: drawn days, each served in several orders."""
