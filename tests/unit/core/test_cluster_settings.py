"""The arguments of the cluster's application are read or refused, without ray."""

import pytest

from core.cluster.settings import Settings
from core.errors import BadInput, UnknownModel


def test_text_numbers_and_lists_are_read_alike():
    from_text = Settings.of({"models": "embedded, bert-base-uncased", "gpus": "0.5", "most": "3"})
    from_file = Settings.of({"models": ["embedded", "google-bert/bert-base-uncased"],
                             "gpus": 0.5, "most": 3})
    assert from_text == from_file
    assert from_text.models == ("embedded", "google-bert/bert-base-uncased")


def test_a_replica_uses_as_many_threads_as_it_was_given_processors():
    assert set(Settings.of({"cpus": 4}).threads.values()) == {"4"}
    assert set(Settings.of({"cpus": 0.5}).threads.values()) == {"1"}


@pytest.mark.parametrize(("args", "error", "told"), [
    ({"replicas": 3}, BadInput, "no setting 'replicas'"),
    ({"most": "many"}, BadInput, "does not fit"),
    ({"least": 3, "most": 2}, BadInput, "no range"),
    ({"least": 0}, BadInput, "no range"),
    ({"models": "gpt-5"}, UnknownModel, "gpt-5"),
])
def test_what_does_not_fit_is_one_sentence(args, error, told):
    with pytest.raises(error, match=told):
        Settings.of(args)
