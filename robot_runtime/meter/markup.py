"""Elements of a page; whatever is put into them as text is escaped when the page is written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Content = Element | str | Iterable["Content"] | None
"""What an element may hold; None is nothing."""

FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that a page must not have, half surrogate pairs among them."""


def element(tag: str, *content: Content, **attributes: object) -> Element:
    """An element. In the names of attributes `_` stands for `-`, and one at the end is left out."""
    made = Element(
        tag,
        {name.rstrip("_").replace("_", "-"): _clean(_written(value)) for name, value in attributes.items()},
    )
    _fill(made, content)
    return made


def page(title: str, style: str, *content: Content) -> str:
    """A whole page that needs nothing else."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", style),
    )
    whole = element("html", head, element("body", element("main", content)), lang="en")
    return "<!DOCTYPE html>\n" + ElementTree.tostring(whole, encoding="unicode", method="html") + "\n"


def _fill(parent: Element, content: Content) -> None:
    if content is None:
        return
    if isinstance(content, Element):
        parent.append(content)
    elif isinstance(content, str):
        if len(parent):
            parent[-1].tail = (parent[-1].tail or "") + _clean(content)
        else:
            parent.text = (parent.text or "") + _clean(content)
    else:
        for each in content:
            _fill(parent, each)


def _written(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def _clean(text: str) -> str:
    return FORBIDDEN.sub("\ufffd", text)
