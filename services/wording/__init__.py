"""Sentences for people: every code that the service knows, worded in one language.

English stands here, as the messages of a gettext catalogue. Another language is one file,
`languages/<language>/LC_MESSAGES/opd.mo`; what it does not word stays English.
"""
