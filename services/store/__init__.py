"""The store: the only BSON mapping, and the protocol that makes a write happen exactly once."""
