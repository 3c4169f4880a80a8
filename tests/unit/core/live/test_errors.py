"""Every error of a live training has its sentence in both languages."""

import pytest

from core.errors import InsideBertError
from core.live import errors
from pages.ui.catalogue import LANGUAGES, strings

KINDS = [
    kind for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, InsideBertError)
    and kind.__module__ == errors.__name__ and kind is not errors.Told
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_of_live_training_has_its_sentence(kind, language):
    assert strings(language, "train")[f"errors_{kind.key}"].strip()
