"""The same suggestions in the ordinary list, for editors without ghost text."""

from desk import LISTS, Desk


async def test_the_list_is_empty_where_there_is_ghost_text(desk):
    desk.open("total = ‸\n")
    assert await desk.listed() == {"isIncomplete": False, "items": []}
    assert desk.model.prompts == []


async def test_what_is_known_is_listed_at_once(tmp_path):
    async with Desk.at(tmp_path, capabilities=LISTS, settings={"completion": {"pace": 0}}) as desk:
        desk.open("total = pr‸\n")
        desk.model.replies = [" price * 2\n"]
        await desk.suggestion()
        item = (await desk.listed())["items"][0]
        assert item["label"] == "price * 2"
        assert item["textEdit"] == {
            "range": {"start": {"line": 0, "character": 8}, "end": {"line": 0, "character": 10}},
            "newText": "price * 2",
        }


async def test_what_is_not_known_yet_is_promised(tmp_path):
    async with Desk.at(tmp_path, capabilities=LISTS, settings={"completion": {"pace": 9}}) as desk:
        desk.open("total‸\n")
        desk.model.replies = ["total = price\n"]
        assert await desk.listed() == {"isIncomplete": True, "items": []}
