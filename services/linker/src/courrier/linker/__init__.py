"""The linker: turns every message that came or went into an e-mail, and says why.

Owns stream ``EMAIL`` and PostgreSQL schema ``linker``; consumes ``MAILBOX`` and ``OUTBOUND``; reads
``CRM``, ``SETTINGS`` and its own ``EMAIL`` into an index; answers ``command.linker.>``.
"""
