"""The ports of this library over NATS JetStream."""
