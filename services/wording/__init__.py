"""Sentences for people: every code that the service knows, worded in one language.

English stands here, and in `simulator/` what the simulation tells, as the messages of a gettext
catalogue. Another language is one file, `languages/<language>/LC_MESSAGES/opd.mo`; what it does
not word stays English. Messages are marked by `say`, `count` and `message`, a source's words by
their place in its row: `pybabel extract -k say -k message -k count:1,2 -k SourceRow:1`.
"""
