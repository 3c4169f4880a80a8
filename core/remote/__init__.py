"""The engine on another machine: what travels, the client that asks, the service that answers."""
