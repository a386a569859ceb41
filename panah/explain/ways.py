"""Refusals on the ways between laptops: codes of QR, laptops nearby, folders."""

from __future__ import annotations

WAYS: dict[str, tuple[str, str]] = {
    # QR codes (qr.py).
    "qr_checksum": (
        "All parts are here, and together they are not what was shown.",
        "Have all codes shown again from the first one, and take each of them once more.",
    ),
    "qr_kind_unknown": (
        "This code holds something that this version does not know.",
        "Update Panah on this device, or ask what the code was made for.",
    ),
    "qr_malformed": (
        "This is not a code that Panah made, or a piece of its text is missing.",
        "Copy the whole text of the code, from Q1 to its last letter, or take another picture of it.",
    ),
    "qr_mixed": (
        "These codes belong to different things.",
        "Take only the codes of one screen or one sheet. Leave out the others and try again.",
    ),
    "qr_newer": (
        "This code was made by a newer version.",
        "Update Panah on this device, or ask for the same thing as a file.",
    ),
    "qr_nothing_found": (
        "No code was found there.",
        "Hold the phone so that the whole code is in the picture, with light and without glare, or paste the text that a QR program gives.",
    ),
    "qr_other_kind": (
        "This code is sound, and made for something else.",
        "Look which code is asked for on this page: a card, a welcome, an address or an answer. Each has its own place.",
    ),
    "qr_part_wrong": (
        "One letter in a part of this code was read wrongly.",
        "Take that part once more. Its number is below.",
    ),
    "qr_parts_missing": (
        "Some parts of this have not come yet.",
        "Take the codes with the numbers below as well. What has come is kept.",
    ),
    "qr_too_large": (
        "This is too large for QR codes.",
        "Carry it as a file on a stick.",
    ),
}
