"""The terminal: each topic is a module with `register(app)`; a handler parses, calls, renders. No rule lives here."""

__all__: list[str] = []
