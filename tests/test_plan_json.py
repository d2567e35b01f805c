"""Plans as JSON: there and back is the identity, and a plan that is wrong says where."""

import json
from dataclasses import MISSING, fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatmpi.analysis.diagnostics import UsageError
from chatmpi.plan.plan import PLAN_VERSION, Alternative, ArrayPlan, Dimension, Halo, LoopPlan, Place, Plan
from chatmpi.plan.serialize import plan_from_json, plan_to_json

costs = st.floats(allow_nan=False)
alternatives = st.builds(Alternative, cost=st.none() | costs)
counts = st.integers(0, 1 << 50)
arrays = st.builds(ArrayPlan, bytes_per_rank=counts, bytes_in_all=counts)  # the others' types say what to draw
plans = st.builds(
    Plan,
    arrays=st.lists(arrays, max_size=3).map(tuple),
    cost=costs,
    alternatives=st.lists(alternatives, max_size=3).map(tuple),
    version=st.just(PLAN_VERSION),
)

PLAN = Plan(
    program="heat.c",
    partitions=(),
    arrays=(
        ArrayPlan(
            name="u",
            uid=3,
            place=Place(2, 10, 3),
            element="double",
            dimensions=(Dimension("n", "rows"), Dimension("m")),
            halo=Halo(1, 1),
            global_words="n*m",
            words_per_rank="(n/ranks + 2)*m",
            reason="read one row above and below",
        ),
    ),
    loops=(LoopPlan(Place(4, 12, 3), "i", "map", "distributed", "rows", 0, "1", (), "independent"),),
    guards=(),
    communications=(),
    outputs=(),
    cost=1.5,
    alternatives=(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(plans)
def test_plan_to_json_and_back_is_the_identity(plan: Plan) -> None:
    assert plan_from_json(plan_to_json(plan)) == plan


def test_json_bears_its_version() -> None:
    assert json.loads(plan_to_json(PLAN))["version"] == PLAN_VERSION


def test_whole_number_is_taken_for_a_cost() -> None:
    content = json.loads(plan_to_json(PLAN)) | {"cost": 2}
    assert plan_from_json(json.dumps(content)).cost == 2.0


def test_version_and_notes_may_be_left_out_only_as_the_dataclass_says() -> None:
    content = json.loads(plan_to_json(PLAN))
    del content["notes"]
    assert plan_from_json(json.dumps(content)) == PLAN


@pytest.mark.parametrize("key", [f.name for f in fields(Plan) if f.default is MISSING])
def test_missing_key_is_named(key: str) -> None:
    content = json.loads(plan_to_json(PLAN))
    del content[key]
    with pytest.raises(UsageError, match=f"plan lacks the key '{key}'"):
        plan_from_json(json.dumps(content))


def changed(path: list[str | int], value: Any) -> str:
    """The plan's JSON with another value at `path`."""
    content = json.loads(plan_to_json(PLAN))
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["arrays", 0, "halo", "lower"], "1", r"plan\.arrays\[0\]\.halo\.lower is not int"),
        (["arrays", 0, "halo", "lower"], True, r"plan\.arrays\[0\]\.halo\.lower is not int"),
        (["arrays", 0, "halo"], None, r"plan\.arrays\[0\]\.halo is not dict"),
        (["arrays", 0, "color"], "red", r"plan\.arrays\[0\] has an unknown key 'color'"),
        (["arrays"], {}, r"plan\.arrays is not list"),
        (["arrays", 0, "dimensions", 1, "partition"], 7, r"dimensions\[1\]\.partition is not str"),
        (["loops", 0, "treatment"], "guessed", r"treatment is 'guessed', not one of 'distributed'"),
        (["cost"], "cheap", r"plan\.cost is not float"),
        (["cost"], True, r"plan\.cost is not float"),
        pytest.param(["cost"], 10**400, r"plan\.cost is not float", id="too large"),
        (["version"], PLAN_VERSION + 1, "version"),
    ],
)
def test_wrong_value_is_named(path: list[str | int], value: object, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        plan_from_json(changed(path, value))
    assert "explain --format json" in caught.value.diagnostics[0].hint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "7", '"plan"', "{}", '{"version": 1}', pytest.param("[" * 100000, id="deep")]
)
def test_text_that_is_no_plan(text: str) -> None:
    with pytest.raises(UsageError, match="plan"):
        plan_from_json(text)


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    st.sampled_from([f.name for f in fields(Plan)]),
)
def test_any_json_in_any_place_is_a_plan_or_a_usage_error(value: object, key: str) -> None:
    try:
        plan = plan_from_json(changed([key], value))
    except UsageError:
        return
    assert isinstance(plan, Plan)
