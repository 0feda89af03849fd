"""Messages written: fields, parts, quotations, signatures of DKIM."""
