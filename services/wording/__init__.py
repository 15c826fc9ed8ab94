"""Sentences for people: every code that the service knows, worded in one language.

English stands here, in the pages' templates (`web/`), and in `simulator/` what the simulation tells.
Another language is a folder `languages/<language>/` of .po files, one for each file of the code
whose messages it words; `make words` brings them up to date. What they do not word stays English.
Messages are marked by `say`, `count` and `message`, a source's words by their place in its row.
"""
