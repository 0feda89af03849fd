"""What every service process needs around its work: settings, logging, health, a clean stop."""
