"""Mail that machines send: delivery reports, complaints, automatic answers."""
