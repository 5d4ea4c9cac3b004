"""Which GPUs there are: as somebody says, and as the driver does."""

import sys

import pytest

from arriero_backend.plan.errors import PlanError
from arriero_backend.plan.gpus import Gpu, Machines, from_driver, given, read

# As `nvidia-smi --query-gpu=name,memory.total,compute_cap --format=csv,noheader,nounits` prints it.
H100 = "NVIDIA H100 80GB HBM3, 81559, 9.0\n"
A100 = "NVIDIA A100-SXM4-80GB, 81920, 8.0\n"
L4 = "NVIDIA L4, 23034, 8.9\n"


@pytest.mark.parametrize(
    ("text", "count", "memory"), [("4x80", 4, 80), ("1x141", 1, 141), (" 8X24 ", 8, 24)]
)
def test_given(text, count, memory):
    assert given(text) == Machines(count, Gpu(memory))


@pytest.mark.parametrize("text", ["", "4", "x80", "4x", "0x80", "4x0", "four", "4 x 80", "-4x80"])
def test_what_says_no_gpus(text):
    with pytest.raises(PlanError, match="as in 4x80"):
        given(text)


@pytest.mark.parametrize(
    ("table", "count", "gpu"),
    [
        (H100 * 4, 4, Gpu(81559 / 1024, (9, 0), "NVIDIA H100 80GB HBM3")),
        (A100, 1, Gpu(80.0, (8, 0), "NVIDIA A100-SXM4-80GB")),
        (A100 + L4, 2, Gpu(23034 / 1024, (8, 9), "NVIDIA L4")),
    ],
)
def test_read_from_the_driver(table, count, gpu):
    assert read(table) == (count, gpu)


@pytest.mark.parametrize(
    ("machines", "said"),
    [
        (given("4x80"), "4 × 80 GB"),
        (given("1x23.5", nodes=2), "2 machines with 1 × 23.5 GB each"),
        (Machines(*read(H100 * 4)), "4 × NVIDIA H100 80GB HBM3 (79.6 GiB)"),
    ],
)
def test_machines_are_told_as_they_were_given(machines, said):
    assert str(machines) == said


@pytest.mark.parametrize(
    ("table", "said"),
    [("", "tells of no GPUs"), ("NVIDIA GB10, [N/A], 12.1\n", "NVIDIA GB10")],
)
def test_what_the_driver_does_not_tell(table, said):
    with pytest.raises(PlanError, match=said) as raised:
        read(table)
    assert "--gpus 4x80" in str(raised.value)


@pytest.mark.parametrize("program", ["no-such-program", sys.executable])
def test_without_a_driver_somebody_has_to_say(program):
    with pytest.raises(PlanError, match="--gpus 4x80"):
        from_driver(program=program)
