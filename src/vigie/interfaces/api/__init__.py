"""The HTTP API and the pages: `application.create` makes it, `server.serve` runs it."""
