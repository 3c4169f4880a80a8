"""What is packed comes back equal, array for array; what is damaged or foreign is refused."""

import json
import struct
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.contract import Surgery, TaskRequest, TraceRequest
from core.engine.stub import StubEngine
from core.remote.wire import DTYPES, Unreadable, pack, unpack

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple)
    | st.dictionaries(st.text() | st.integers(), inner),
)


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        return (isinstance(other, np.ndarray) and one.dtype == other.dtype
                and one.shape == other.shape and one.tobytes() == other.tobytes())
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    if isinstance(one, (list, tuple)):
        return (type(one) is type(other) and len(one) == len(other)
                and all(same(a, b) for a, b in zip(one, other, strict=True)))
    return type(one) is type(other) and one == other


@given(plain)
def test_plain_values_come_back_with_their_types(value):
    assert same(unpack(pack(value)), value)


@given(st.sampled_from(sorted(DTYPES)).flatmap(
    lambda name: arrays.arrays(np.dtype(name), arrays.array_shapes(min_dims=0, min_side=0))))
def test_arrays_come_back_bit_by_bit_and_read_only(array):
    back = unpack(pack({"a": (array,)}))["a"][0]
    assert same(back, array)
    assert not back.flags.writeable


def test_requests_come_back_equal_and_checked():
    request = TraceRequest("a", "b", keep=frozenset({"qkv", "mlm"}), layers=(0, 1),
                           surgery=Surgery(heads_off=((0, 1),), order=(0, 2, 1)), mlm_at=(1,))
    assert unpack(pack(request)) == request
    with pytest.raises(Unreadable):
        unpack(pack(request).replace(b'"mlm"', b'"mlx"'))


def test_a_whole_trace_comes_back_with_every_array():
    trace = StubEngine().trace(TraceRequest("The cat sat.", "It slept."))
    assert same(unpack(pack(trace)), trace)


def test_the_message_is_little_larger_than_its_arrays():
    vectors = np.zeros((100, 384), np.float32)
    assert len(pack(vectors)) < vectors.nbytes + 200


@given(st.binary(max_size=200))
def test_no_bytes_do_more_than_be_refused(message):
    try:
        unpack(message)
    except Unreadable:
        pass


@given(st.data())
def test_a_message_with_any_byte_changed_is_read_or_refused(data):
    message = bytearray(pack(TaskRequest("spam", "Buy these pills")))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at] = data.draw(st.integers(0, 255))
    try:
        unpack(bytes(message))
    except Unreadable:
        pass


@pytest.mark.parametrize("tree", [
    {"$": "Popen", "args": "ls"}, {"$": "object"}, {"$pickle": "x"}, {"$array": 3}, {},
    {"$": "TaskRequest", "text": "no task"},
])
def test_foreign_kinds_are_refused(tree):
    header = json.dumps({"value": tree, "arrays": []}).encode()
    with pytest.raises(Unreadable):
        unpack(struct.pack("<Q", len(header)) + header)


@pytest.mark.parametrize("value", [object(), b"bytes", np.array(["text"]), Exception("x")])
def test_what_the_contract_does_not_know_is_not_sent(value):
    with pytest.raises(TypeError):
        pack(value)
