"""What serves a model: TGI's HTTP contract over an engine that is local, simulated, or yours."""
