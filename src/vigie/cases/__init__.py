"""One durable life for every case, from its first sign to its report."""
