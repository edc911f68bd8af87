"""A laboratory unlike the shop: a depot whose orders wait in a Redis queue for a worker; nginx serves its pages."""
