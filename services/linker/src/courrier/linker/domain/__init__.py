"""Pure decisions on e-mails: which e-mail a message is, its thread, its records, its folder."""
