"""The contract: events, envelope, subjects, store, consumers, projections."""
