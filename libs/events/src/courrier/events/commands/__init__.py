"""Orders that cross a process border, answered within five seconds over NATS request/reply.

The subject is ``command.<service>.<name>``. The answer is a ``Done``, or a ``Refused`` that the
HTTP layer turns into a 4xx problem (RFC 9457). Repeating a command with the same ``command_id``
is safe: what it causes has ids derived from it.
"""
