"""arriero: an editor code assistant that runs on your own GPUs."""

__version__ = "0.1.0"
