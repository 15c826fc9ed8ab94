"""The database behind a MongoDB driver: a collection of it, what its answers and errors mean."""
