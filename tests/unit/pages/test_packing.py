"""What the components send: a little-endian header length, JSON, then the numbers' exact bytes."""

import json
import struct

import numpy as np
import pytest

from lessons.theme import THEMES
from pages.ui.components.head_grid import head_grid_data
from pages.ui.components.heat import heat_data
from pages.ui.components.packing import pack

NAMES = ["a", "##b", "世"]


def unpacked(data: bytes) -> tuple[dict, bytes]:
    """Header and the bytes behind it, read as the browser reads them."""
    (length,) = struct.unpack("<I", data[:4])
    return json.loads(data[4 : 4 + length]), data[4 + length :]


def test_the_header_length_is_little_endian_and_the_numbers_start_on_four_bytes():
    data = pack({"x": "é"}, np.zeros(1, dtype=np.float32))
    assert data[:4] == bytes([12, 0, 0, 0])  # {"x":"é"} is 10 bytes of UTF-8, padded to 12
    assert data[4:16] == '{"x":"é"}  '.encode()
    assert len(data) == 4 + 12 + 4


def test_arrays_follow_one_another_row_by_row():
    first, second = np.arange(4, dtype=np.uint8).reshape(2, 2).T, np.array([9], dtype=np.uint8)
    assert unpacked(pack({}, first, second))[1] == bytes([0, 2, 1, 3, 9])


def test_numbers_of_the_other_byte_order_are_turned_round():
    assert unpacked(pack({}, np.array([1.0], dtype=">f4")))[1] == struct.pack("<f", 1.0)


def test_a_heat_matrix_arrives_as_the_same_float32_bits():
    matrix = np.random.default_rng(0).normal(size=(3, 5)).astype(np.float32)
    header, raw = unpacked(heat_data(matrix, NAMES))
    assert header["shape"] == [3, 5] and header["rows"] == NAMES and not header["masked"]
    assert raw == matrix.astype("<f4").tobytes()


def test_a_transposed_float64_matrix_is_sent_row_by_row_as_float32():
    matrix = np.arange(6, dtype=np.float64).reshape(2, 3).T  # (3, 2)
    assert np.array_equal(
        np.frombuffer(unpacked(heat_data(matrix, NAMES))[1], "<f4"), [0, 3, 1, 4, 2, 5]
    )


def test_a_mask_follows_the_numbers_as_bytes_and_hidden_cells_hold_nothing():
    matrix = np.array([[1.0, -np.inf], [np.nan, 4.0]], dtype=np.float32)
    shown = np.array([[True, False], [False, True]])
    header, raw = unpacked(heat_data(matrix, ["a", "b"], shown=shown))
    assert header["masked"]
    assert np.array_equal(np.frombuffer(raw[:16], "<f4"), [1, 0, 0, 4])
    assert raw[16:] == bytes([1, 0, 0, 1])


@pytest.mark.parametrize("scale, domain", [("sequential", [-2.0, 1.0]), ("diverging", [-2.0, 2.0])])
def test_the_colour_scale_ends_at_the_shown_extremes(scale, domain):
    matrix = np.array([[1.0, -2.0, 50.0]])
    shown = np.array([[True, True, False]])
    header, _ = unpacked(heat_data(matrix, ["a"], scale=scale, shown=shown))
    assert header["domain"] == domain


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_cannot_be_drawn_is_refused_and_counted(bad):
    matrix = np.array([[1.0, bad], [bad, 2.0]])
    with pytest.raises(ValueError, match="2 of 4 are NaN or infinite"):
        heat_data(matrix, ["a", "b"])


def test_a_nan_in_the_header_is_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        heat_data(np.eye(2), ["a", "b"], domain=(0.0, float("nan")))


def test_head_weights_arrive_byte_for_byte_layer_by_layer():
    weights = np.arange(2 * 3 * 2 * 2, dtype=np.uint8).reshape(2, 3, 2, 2)
    header, raw = unpacked(head_grid_data(weights, ["a", "b"], key="k"))
    assert header["shape"] == [2, 3, 2] and header["grid"] == "k"
    assert raw == bytes(range(24))


def test_head_marks_travel_with_their_largest_size():
    marks = np.array([[0.5, -2.0]])
    header, _ = unpacked(head_grid_data(np.zeros((1, 2, 1, 1), np.uint8), ["a"], marks=marks))
    assert header["marks"] == [0.5, -2.0] and header["markMax"] == 2.0
    with pytest.raises(ValueError, match="not JSON compliant"):
        head_grid_data(np.zeros((1, 2, 1, 1), np.uint8), ["a"], marks=marks * np.nan)


@pytest.mark.parametrize("weights", [
    np.ones((1, 1, 2, 2), np.float32), np.ones((1, 2, 2), np.uint8),
], ids=["float", "no layers"])
def test_head_weights_of_another_kind_are_refused(weights):
    with pytest.raises(ValueError, match=r"uint8\[L, A, n, n\]"):
        head_grid_data(weights, ["a", "b"])


def test_the_colours_are_those_of_the_theme():
    for name, theme in THEMES.items():
        header, _ = unpacked(heat_data(np.eye(2), ["a", "b"], theme_name=name))
        assert header["palette"] == list(theme.sequential)


def test_half_a_surrogate_pair_does_not_stop_the_picture():
    header_length = int.from_bytes(heat_data(np.eye(1), ["\ud800"])[:4], "little")
    assert header_length % 4 == 0
