"""Who asks, and whether they may: ways in, and the guard that use cases ask."""
