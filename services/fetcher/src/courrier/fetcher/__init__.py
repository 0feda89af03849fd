"""Courrier's fetcher: the only writer of ``MAILBOX``.

It follows ``SETTINGS``, keeps every monitored IMAP folder in step, and answers the commands
``fetch-account`` and ``import-message``. It has no database: the log tells where it is.
"""
