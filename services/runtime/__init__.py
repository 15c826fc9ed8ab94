"""What a process does by itself, whatever it is for."""
