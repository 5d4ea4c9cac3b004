"""Where somebody has been."""

from arriero.core.trail import MOST, Stop, Trail


def trail(*steps: tuple[str, int, bool]) -> Trail:
    made = Trail()
    for uri, line, edited in steps:
        made.note(uri, line, edited=edited)
    return made


def check(made: Trail, *stops: tuple[str, int, bool]) -> None:
    assert [*made] == [Stop(*each) for each in stops]


def test_the_last_place_comes_first_and_each_once():
    check(trail(("a", 0, False), ("b", 5, True), ("a", 3, False)), ("a", 3, False), ("b", 5, True))


def test_places_of_one_document_are_told_apart_by_their_distance():
    check(trail(("a", 0, True), ("a", 90, True)), ("a", 90, True), ("a", 0, True))


def test_to_look_at_what_one_edited_does_not_undo_that():
    check(trail(("a", 0, True), ("b", 0, False), ("a", 1, False))
          , ("a", 1, True), ("b", 0, False))  # fmt: skip
    check(trail(("a", 0, False), ("a", 2, True)), ("a", 2, True))
    check(trail(("a", 2, True), ("a", 4, False)), ("a", 4, True))


def test_a_closed_document_is_forgotten():
    made = trail(("a", 0, True), ("b", 0, True))
    made.forget("a")
    check(made, ("b", 0, True))


def test_only_so_many_are_kept():
    assert len([*trail(*(("a", 30 * n, True) for n in range(99)))]) == MOST
