"""From raw lines and samples to findings, pure: parsers read, templates group, detectors judge, the pipeline joins them."""
