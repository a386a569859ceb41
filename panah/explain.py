"""Every refusal in two sentences: what happened, and what to do. Keys are the codes of `errors.py`; the English text is the msgid."""

from __future__ import annotations

EXPLAIN: dict[str, tuple[str, str]] = {
    # Sealed files (kernel/age.py).
    "age_armor_malformed": (
        "The text of this sealed file was changed on its way: a line is missing, broken or added.",
        "Ask for the file again. If it has to travel as text, have it sent as an attachment or copied from the first dashes to the last.",
    ),
    "age_future_version": (
        "This file was sealed in a newer way than this program knows.",
        "Update Panah on this device, or ask the sender to seal it in the way called age version 1.",
    ),
    "age_header_changed": (
        "The first part of this sealed file does not fit the rest: it was changed after it was sealed.",
        "Do not rely on it. Ask the sender for the file again, by another way if you can.",
    ),
    "age_header_malformed": (
        "The first part of this sealed file is not as the format demands: it is damaged, or was made wrongly.",
        "Ask the sender for the file again. If the second copy is refused too, the sender's program is at fault.",
    ),
    "age_header_too_large": (
        "The first part of this sealed file is larger than any honest one.",
        "Ask the sender who made this file. If it names more than 1,000 recipients, ask for one sealed to your team alone.",
    ),
    "age_key_malformed": (
        "This key is not written as a key has to be: a letter is wrong, missing or added.",
        "Copy the key again from where it was given to you, from its first letter to its last.",
    ),
    "age_no_key_opens": (
        "This sealed file is for other recipients, or the passphrase is a different one.",
        "If there is a passphrase, enter it again. Otherwise ask the sender to seal the file to the key that your team gives out now.",
    ),
    "age_nobody_to_seal_to": (
        "No recipient was named, or both recipients and a passphrase were given.",
        "Name those who may open the file, or else choose a passphrase.",
    ),
    "age_not_sealed": (
        "This is not a sealed file.",
        "Check whether another file was meant. If the sender meant to seal it, tell them that it travelled readable to all.",
    ),
    "age_passphrase_empty": ("No passphrase was given.", "Enter a passphrase of several words."),
    "age_passphrase_work_too_high": (
        "Opening this file would take more memory than this device may give to a file from outside.",
        "Ask the sender to seal it again with the usual settings, or to your team's key.",
    ),
    "age_payload_broken": (
        "This sealed file was damaged or changed after it was sealed.",
        "Do not use any part of it. Ask the sender for the file again.",
    ),
    "age_recipients_mixed": (
        "Some of these recipients have older keys than the others; one older key would weaken the file for all of them.",
        "Seal one file to the newer keys (age1pq) and another one to the older keys, or ask for newer keys.",
    ),
    "age_truncated": (
        "The end of this sealed file is missing.",
        "Ask for the file again and compare its size with the sender's. A transfer that broke off is the usual cause.",
    ),
}
