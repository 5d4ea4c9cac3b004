import os
from pathlib import Path

import pytest

from arriero.lsp.capabilities import Client
from arriero.lsp.greeting import Greeting

ABLE = {"window": {"workDoneProgress": True}}


@pytest.mark.parametrize(
    ("params", "greeting"),
    [
        ({"capabilities": {}}, Greeting(Client())),
        ({"capabilities": ABLE, "processId": None}, Greeting(Client(progress=True))),
        ({"capabilities": {}, "processId": os.getpid()}, Greeting(Client(), editor=os.getpid())),
        (
            {"capabilities": {}, "processId": 2**31 - 1},  # nothing that can be seen
            Greeting(Client()),
        ),
        (
            {"capabilities": {}, "initializationOptions": {"pace": 1}, "fromTheFuture": 7},
            Greeting(Client(), options={"pace": 1}),
        ),
    ],
)
def test_what_the_client_says_of_itself(params, greeting):
    assert Greeting.of(params) == greeting


@pytest.mark.parametrize(
    ("said", "folders"),
    [
        ({"rootUri": "file:///one"}, ["file:///one"]),
        ({"rootPath": str(Path.cwd())}, [Path.cwd().as_uri()]),
        ({"rootPath": "somewhere"}, []),
        ({"rootUri": None, "rootPath": None, "workspaceFolders": None}, []),
        ({"rootUri": "file:///one", "workspaceFolders": []}, []),
        (
            {
                "rootUri": "file:///one",
                "workspaceFolders": [
                    {"uri": "file:///one", "name": "one"},
                    {"uri": "file:///two", "name": "two"},
                ],
            },
            ["file:///one", "file:///two"],
        ),
    ],
)
def test_the_folders_of_the_workspace(said, folders):
    assert list(Greeting.of({"capabilities": {}, **said}).folders) == folders


@pytest.mark.parametrize(
    ("params", "place"),
    [
        (None, "params"),
        ([], "params"),
        ({}, "params.capabilities"),
        ({"capabilities": 7}, "params.capabilities"),
        ({"capabilities": {}, "processId": "1"}, "params.processId"),
        ({"capabilities": {}, "processId": True}, "params.processId"),
        ({"capabilities": {}, "rootUri": 1}, "params.rootUri"),
        ({"capabilities": {}, "workspaceFolders": {}}, "params.workspaceFolders"),
        ({"capabilities": {}, "workspaceFolders": [{}]}, "params.workspaceFolders.uri"),
    ],
)
def test_a_wrong_field_is_named(params, place):
    with pytest.raises(ValueError, match=rf"is needed, .* @ {place}$"):
        Greeting.of(params)
