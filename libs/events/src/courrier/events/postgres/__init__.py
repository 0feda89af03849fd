"""PostgreSQL for those who project: migrations, checkpoints, the projection runner."""
