"""Terms of the guide's screens, in a few words each."""

import streamlit as st

from core.information import MEASURES
from core.numbers import MINUS
from views.parts.definitions import DEFINITIONS
from views.parts.words import symbol_text

TERMS = {
    "nat": "Unit of information with natural logarithms: log 2 = 0.693 nats are one bit.",
    "mutual information I": MEASURES["mi"].definition,
    "r_I": MEASURES["r_i"].definition.replace("(-", f"({MINUS}"),
    "N_eff": DEFINITIONS["n_effective"].removeprefix("N_eff = "),
    "N_eff at even odds": DEFINITIONS["n_effective_even"].removeprefix("N_eff at even odds: "),
    "protected variable": "What a classifier must not use, such as a mass or a systematic variation.",
    "signal efficiency ε_s": "Share of the signal that passes a cut.",
    "background rejection": DEFINITIONS["rejection"],
    "1/JSD": DEFINITIONS["jsd"],
    "statistical limit": DEFINITIONS["limit"],
    "closure of ABCD": DEFINITIONS["abcd_ratio"],
    "closure of a calibration": DEFINITIONS["closure"],
    "λ": "Weight of the term of the loss that makes the score forget the protected variable: 0 is a plain classifier.",
}


def glossary() -> None:
    """Fold the terms away, in two columns."""
    with st.expander("What the words mean"):
        half = (len(TERMS) + 1) // 2
        terms = list(TERMS.items())
        for column, part in zip(st.columns(2, gap="medium"), (terms[:half], terms[half:]), strict=True):
            column.markdown("\n\n".join(f"**{symbol_text(term)}**: {symbol_text(words)}" for term, words in part))
