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
    # Carrying in the node (node/carrying.py, node/pages/ways.py, node/upload.py).
    "carrying_already": (
        "Something is being carried at this moment.",
        "Wait until it has ended, or stop it on the page Carrying.",
    ),
    "carrying_stopped": (
        "You stopped it. What was carried until then stays.",
        "Begin again whenever you like: it goes on from there.",
    ),
    "form_malformed": (
        "The browser sent something that is no form of ours.",
        "Load the page again and send the form once more.",
    ),
    "no_welcome_here": (
        "No welcome is kept here.",
        "Write one on the page Team, from a new card: a card can be used once.",
    ),
    "no_file_written": (
        "The file is not here any more.",
        "Go to the page Carrying and write it again. It goes when the vault is locked.",
    ),
    "answer_not_here": (
        "This answer does not wait here any more.",
        "It was carried to the relays, or it is another conversation's. Look at the conversation.",
    ),
    # Folders (kernel/folder.py).
    "folder_missing": ("No folder was named.", "Write the whole path of the folder on this laptop."),
    "folder_not_absolute": (
        "This is not the whole path of a folder.",
        "Write it from its beginning, as your file manager shows it: for example /media/stick/team.",
    ),
    "folder_too_full": (
        "There are more files in this folder than can be looked through.",
        "Make a folder of its own for this, and move the files with long random names into it.",
    ),
    "folder_unreachable": (
        "This folder cannot be read at the moment.",
        "Check that the stick is in and the path is right. Nothing is lost.",
    ),
    # Laptops nearby (kernel/relay.py, work/nearby.py, nearby.py).
    "certificate_differs": (
        "Another machine answers at this address than the one you compared: nothing was given to it.",
        "Stop here. Ask your colleague to show the code again, and compare the digits on both screens.",
    ),
    "meeting_address_malformed": (
        "This is not the address of a laptop.",
        "Type the numbers as the other screen shows them, for example 192.168.1.7:8447.",
    ),
    "meeting_address_not_private": (
        "This address is not one of a network nearby.",
        "Choose an address of the network that both laptops are in. They often begin with 192.168, 10 or 172.16.",
    ),
    "meeting_already": (
        "This laptop is meeting others already.",
        "Stop that meeting first, or wait until its time is over.",
    ),
    "meeting_code_malformed": (
        "This code is not the address of a laptop.",
        "Ask your colleague to show the code of the page A laptop nearby, and take it again.",
    ),
    "meeting_none_to_agree": (
        "There are no digits to agree to.",
        "Type the address again, and compare the digits that come then.",
    ),
    "meeting_not_offered": (
        "This node was started without meetings nearby.",
        "Let the other laptop serve the meeting, and go there.",
    ),
    "meeting_nothing_given": (
        "Neither an address nor a code was given.",
        "Type the address that the other screen shows, paste the text of its code, or take a picture of it.",
    ),
    "meeting_unreachable": (
        "Nobody answers at this address.",
        "Check that both laptops are in the same network and that the other one lets laptops meet. A firewall may ask once.",
    ),
}
