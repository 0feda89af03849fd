"""Pure reading and writing of e-mail messages: bytes in, values out."""
