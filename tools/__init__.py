"""What the house is kept with: checks, a database for tests, backups."""
