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
    return sum(item.price * item.quantity for item in items)


def find(items: list[Item], name: str) -> Item | None:
    """Return the first item of that name, or None if there is none."""
    for item in items:
        if item.name == name:
            return item
    return None


def most_valuable(items: list[Item], count: int = 3) -> list[Item]:
    """Return the items that are worth most, the most valuable first."""
    return sorted(items, key=lambda item: item.price * item.quantity, reverse=True)[:count]
