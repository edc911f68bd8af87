"""Words into typed commands, without a model: `understanding.py` is the way in."""
