"""Why ``courrier up`` will not start: one line that says what is wrong and what to do."""


class Refused(Exception):
    """The world is not as it must be; the message is the one line a person reads."""
