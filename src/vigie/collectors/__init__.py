"""Sources of signals, one a file, each with a durable cursor; `loop.py` feeds what they read to the signals' pipeline."""
