"""Along all layers: how far the piece is moved; and this layer under GPT's mask."""

import streamlit as st

from lessons.layer import figures
from lessons.layer.masks import BOTH, Masks
from lessons.layer.moves import LOUD, SUBLAYERS, Moves
from lessons.theme import number, percent
from pages import ui
from pages.inside.layer_views import piece
from pages.ui import LessonPage
from pages.ui.components.blocks import Block, Column, blocks

PLAIN = {"displayModeBar": False}


def residual_stream(page: LessonPage, moved: Moves, token: int) -> None:
    """Bars for the piece, lines for the mean over all pieces."""
    name = piece(page, moved, token)
    layers = moved.ratio.shape[1]
    page.section("moves", piece=name, layers=layers)
    what = page.control_choice("measure", page.t("measure"), ["ratio", "cosine"], "ratio",
                               lambda m: page.t(f"measure_{m}"))
    shown = moved.encoded.tokens[token]
    labels = [f"{page.t(s)}: {shown}" for s in SUBLAYERS]
    labels += [page.t("mean_of", sublayer=page.t(s)) for s in SUBLAYERS]
    st.plotly_chart(
        figures.by_layer(moved, what, token, [figures.plain(n) for n in labels],
                         (page.t("layer"), page.t(f"axis_{what}")), page.theme),
        config=PLAIN, key="moves", alt=page.t("moves_alt"),
    )
    means = moved.ratio.mean(2)  # (2, L)
    page.prose(
        "moves-found", piece=name, wins=moved.wins(token), layers=layers,
        attention_layer=int(means[0].argmax()), ffn_layer=int(means[1].argmax()),
    )
    far = moved.farthest()
    if moved.ratio[far] > LOUD:
        page.prose(
            "moves-loud", far_piece=piece(page, moved, far[2]), far_layer=far[1],
            far_sublayer=page.t(f"the_{SUBLAYERS[far[0]]}"), far_ratio=f"{moved.ratio[far]:.1f}",
            far_share=percent(float(moved.peak[far])),
        )


def _one_block(page: LessonPage, name: str, attention: str, differs: str) -> Column:
    def part(key: str, label: str, colour: str, fate: str = "", kind: str = "") -> Block:
        return Block(f"{name}_{key}", page.t(label), colour, fate, kind)

    return Column(
        page.t(f"block_{name}"),
        (
            part("input", "input", "token", kind="norm"),
            part("attention", attention, "query", differs),
            part("norm1", "add_norm", "position", kind="norm"),
            part("ffn", "feed_forward", "key"),
            part("norm2", "add_norm", "position", kind="norm"),
        ),
        ((f"{name}_attention", f"{name}_norm1"), (f"{name}_ffn", f"{name}_norm2")),
    )


def two_masks(page: LessonPage, both: Masks, start: int, stop: int) -> None:
    """Two blocks, then one head's weights under both masks, then what leaves the layer."""
    page.section("masks")
    blocks("masks", (_one_block(page, "bert", "attention_all", "differs"),
                     _one_block(page, "gpt", "attention_back", "differs")),
           label=page.t("masks_label"))
    head = page.control_integer("head", page.t("head"), 0, both.weights.shape[1] - 1, 0)
    names = [f"{i} {t}" for i, t in enumerate(both.encoded.tokens)]
    for column, mask, weights, allowed in zip(
        st.columns(2), BOTH, both.weights, both.allowed, strict=True
    ):
        with column:
            st.markdown(f"**{page.t(f'mask_{mask}')}**")
            ui.heat(
                f"mask_{mask}", weights[head, start:stop, start:stop], names[start:stop],
                names[start:stop], domain=(0.0, float(both.weights[:, head].max())),
                shown=allowed[start:stop, start:stop], selectable=False, cell=40,
                label=page.t(f"mask_{mask}"),
            )
    least = int(both.cosine.argmin())
    page.prose(
        "masks-found", head=head, ahead=percent(float(both.ahead[head])),
        least=ui.escape_markdown(both.encoded.tokens[least]),
        least_cosine=number(float(both.cosine[least])),
    )
    st.plotly_chart(
        figures.bars([float(c) for c in both.cosine[start:stop]], names[start:stop],
                     page.t("axis_cosine_masks"), page.theme.accent, page.theme),
        config=PLAIN, key="mask_cosines", alt=page.t("axis_cosine_masks"),
    )
