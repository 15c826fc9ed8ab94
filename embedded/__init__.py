"""The embedded database: a SQLite file keeps what is stored, mongomock answers queries.

It meets the same interface as a server (documents.py), so the store above it knows no difference.
"""
