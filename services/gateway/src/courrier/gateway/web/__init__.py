"""The web page: what the API shows, as pages that work without JavaScript and better with it."""
