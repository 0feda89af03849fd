"""The ``courrier`` command: each member registers its sub-commands, none imports another."""
