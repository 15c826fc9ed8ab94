"""Back up the database to a folder, and restore it: `make backup TO=…`, `make restore FROM=…`.

The folder has mongodump's layout, so `mongorestore --gzip` reads it too, and a manifest with the
checksums. It holds patients' names and phone numbers: only its owner may open it.
"""
