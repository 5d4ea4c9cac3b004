"""A model server that fails to order, down to the bytes: what networks and servers really do."""
