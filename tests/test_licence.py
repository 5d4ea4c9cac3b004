"""What the licences ask to be said, and that it is said."""

import gzip
import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NOTICE = " ".join((ROOT / "NOTICE").read_text("utf-8").split())


def test_the_licence_is_apache_2_to_the_letter():
    # The digest of https://www.apache.org/licenses/LICENSE-2.0.txt, whatever git does to line ends.
    text = (ROOT / "LICENSE").read_bytes().replace(b"\r\n", b"\n")
    digest = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
    assert hashlib.sha256(text).hexdigest() == digest


@pytest.mark.parametrize(
    "said",
    [
        "Llama 2 is licensed under the LLAMA 2 Community License, Copyright (c) Meta Platforms, "
        "Inc. All Rights Reserved.",
        "https://ai.meta.com/llama/use-policy",
        "https://ai.meta.com/resources/models-and-libraries/llama-downloads/",
        "gives that party a copy of the agreement",
        "to improve another large language model",
        "700 million monthly active users",
        "no trademark licence",
        "no model weights and no vocabulary",
        "SmolLM2-135M-Instruct is by Hugging Face, under the Apache License, Version 2.0",
    ],
)
def test_the_notice_says_what_those_who_host_or_pass_on_a_model_have_to_know(said):
    assert said in NOTICE


@pytest.mark.parametrize(
    "said",
    [
        "https://ai.meta.com/llama/use-policy",
        "https://ai.meta.com/resources/models-and-libraries/llama-downloads/",
        "they get a copy of the agreement",
        "to improve another large language model",
        "700 million monthly users",
        "(../NOTICE)",
    ],
)
def test_the_page_for_those_who_host_says_what_the_licence_asks_of_them(said):
    page = " ".join((ROOT / "backend" / "README.md").read_text("utf-8").split())
    assert said in page


def test_the_protocols_description_is_microsofts_to_the_letter_and_under_its_licence():
    # The digest of the file at the commit that the README beside it names.
    packed = ROOT / "tests" / "protocol" / "metaModel.json.gz"
    digest = hashlib.sha256(gzip.decompress(packed.read_bytes())).hexdigest()
    assert digest == "35ebcc0b607eeda105dd092c990182eb338852d82130053d3a27499ff34c89a2"
    licence = packed.with_name("LICENSE").read_text("utf-8")
    assert "Copyright (c) Microsoft Corporation" in licence
    assert "MIT License" in licence
    assert "Copyright (c) Microsoft Corporation" in NOTICE
