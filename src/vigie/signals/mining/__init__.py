"""From lines to templates: a lexer, patterns that learn which words vary, a fast reader of whole files.

The live pipeline (`signals/templates.py`) and `vigie logs mine` use the same lexer and the same patterns.
"""
