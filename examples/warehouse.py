"""A small warehouse: what is on the shelves, and what it is worth."""

from dataclasses import dataclass


@dataclass
class Item:
    """Some pieces of one kind."""

    name: str
    price: float
    quantity: int


def total_value(items: list[Item]) -> float:
    """Return what all the items are worth together."""
    

def find(items: list[Item], name: str) -> Item | None:
    for item in items:
        if item.name == name:
            return item
    return None


def most_valuable(items: list[Item], count: int = 3) -> list[Item]:
    return sorted(items, key=lambda item: item.price * item.quantity, reverse=True)[:count]
