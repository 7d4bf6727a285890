"""Builds XML from plain texts; characters that XML can't hold become U+FFFD."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Tree

__all__ = ["Element", "add", "root", "to_bytes"]

Element = Tree.Element

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, not even as character references."""


def root(name: str, **namespaces: str) -> Element:
    """An element to begin with; `xmlns` is its namespace, and each other name a prefix with its namespace."""
    element = Tree.Element(name)
    for prefix, address in namespaces.items():
        element.set(prefix if prefix == "xmlns" else f"xmlns:{prefix}", address)
    return element


def add(parent: Element, name: str, text: str = "", **attributes: str) -> Element:
    """A new element at the end of the parent. A trailing `_` of an attribute's name is left off."""
    element = Tree.SubElement(parent, name)
    element.text = clean(text) or None
    for key, value in attributes.items():
        element.set(key.rstrip("_"), clean(value))
    return element


def to_bytes(element: Element) -> bytes:
    """The document, indented for people who look at it."""
    Tree.indent(element)
    return bytes(Tree.tostring(element, encoding="utf-8", xml_declaration=True)) + b"\n"


def clean(text: str) -> str:
    return NOT_XML.sub("\ufffd", text)
