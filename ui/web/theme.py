"""Gradio's look, set to our tokens: system fonts (so nothing is fetched), one accent, quiet surfaces."""

from __future__ import annotations

from typing import Any

PAPER, PAPER_DARK = "#fbfaf8", "#151715"
"""As in tokens.css; Gradio paints the page with them before any style sheet has arrived."""


def theme() -> Any:
    """A ``gradio.themes.Base``; its colours are the custom properties of tokens.css wherever one exists."""
    import gradio as gr

    sans = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif")
    mono = ("ui-monospace", "SF Mono", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
    base = gr.themes.Base(primary_hue="teal", neutral_hue="stone", font=sans, font_mono=mono, radius_size="lg")
    tokens = {
        "background_fill_primary": "var(--surface)",
        "background_fill_secondary": "var(--sunken)",
        "block_background_fill": "transparent",
        "border_color_primary": "var(--line)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--soft)",
        "input_background_fill": "var(--surface)",
        "input_border_color": "var(--line)",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--faint)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent)",
        "button_primary_text_color": "var(--accent-ink)",
        "button_secondary_background_fill": "var(--surface)",
        "button_secondary_background_fill_hover": "var(--sunken)",
        "button_secondary_border_color": "var(--line)",
        "button_secondary_text_color": "var(--ink)",
        "link_text_color": "var(--accent)",
        "link_text_color_hover": "var(--accent)",
        "link_text_color_visited": "var(--accent)",
        "color_accent_soft": "var(--accent-wash)",
    }
    both = {name: value for token, value in tokens.items() for name in (token, f"{token}_dark")}
    return base.set(
        body_background_fill=PAPER,
        body_background_fill_dark=PAPER_DARK,
        block_border_width="0px",
        block_shadow="none",
        block_label_border_width="0px",
        **both,
    )
