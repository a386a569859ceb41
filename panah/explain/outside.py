"""Refusals of what comes from outside: sealed files, requests and replies, receipts, the recovery key."""

from __future__ import annotations

OUTSIDE: dict[str, tuple[str, str]] = {
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
    # Requests and replies (wire.py).
    "frame_answers_too_many": (
        "This request holds more answers than the help page has questions.",
        "It was not made by the help page. It stays in quarantine; nothing in it was taken over.",
    ),
    "frame_duplicate_key": (
        "This request says the same thing twice, so that two readers could read it differently.",
        "It was not made by the help page. It stays in quarantine; nothing in it was taken over.",
    ),
    "frame_file_box_wrong": (
        "This request names a picture or document in a way that does not lead to it.",
        "It was not made by the help page. It stays in quarantine; nothing in it was taken over.",
    ),
    "frame_future_version": (
        "This was written by a newer help page or a newer program than yours.",
        "Update Panah on this device. The request waits in quarantine and is read once you have.",
    ),
    "frame_malformed": (
        "A part of this message is missing, unknown or out of bounds.",
        "If it came from your own help page, publish the page again with this version of Panah. It stays in quarantine.",
    ),
    "frame_not_json": (
        "This was sealed to your team, but what is inside is no message.",
        "It stays in quarantine. If many of these come, tell whoever looks after your relay.",
    ),
    "frame_too_large": (
        "This message is longer than any that may travel.",
        "Shorten the text, or send it in two messages.",
    ),
    "padding_wrong": (
        "What was opened is not filled up to one of the allowed sizes, as everything sealed here is.",
        "It was damaged, or made by another program. It stays in quarantine.",
    ),
    "reply_key_expired": (
        "This answer is signed with a key whose time is over.",
        "Whoever holds the team's root key makes a new reply key on the members page; then the answer can be sent again.",
    ),
    "reply_malformed": (
        "This answer is damaged, or it is none.",
        "Do not rely on it. Fetch it again later, or write to the team again.",
    ),
    "reply_other_thread": (
        "This answer was written to somebody else.",
        "Do not rely on it. Tell the team that it appeared here.",
    ),
    "reply_too_long": (
        "This answer is longer than what the help page shows at once.",
        "Shorten it, or send it in two answers.",
    ),
    # Receipts (receipt.py).
    "receipt_checksum": (
        "These are not the words that were given out: one of them is different, or two changed places.",
        "Compare each word with the paper. The page offers the words that would fit.",
    ),
    "receipt_digit_count": (
        "A receipt in digits has 34 of them.",
        "Count the digits, four at a time, and enter those that are missing.",
    ),
    "receipt_mixed": (
        "There are both words and digits here; a receipt is one or the other.",
        "Enter the ten words, or else the 34 digits.",
    ),
    "receipt_too_long": (
        "This is longer than any receipt.",
        "Enter only the ten words, or else the 34 digits.",
    ),
    "receipt_word_count": (
        "A receipt has ten words.",
        "Count the words on the paper and enter those that are missing.",
    ),
    "receipt_word_unknown": (
        "One of these words is not a word that a receipt can have.",
        "Compare that word with the paper, letter by letter. The page offers the words that would fit.",
    ),
    "voucher_word_malformed": (
        "Vouchers need the publishing word of the relay, 64 letters and digits in a file, and a number from 1 to 1,000.",
        "Look at the word that whoever runs the relay gave you. It is shown only once; they can allow a new one.",
    ),
    # The relay (relay/).
    "relay_address_in_use": (
        "Another program on this machine already answers at this address, or the address is not one of this machine.",
        "Stop the other program, or start the relay with another port.",
    ),
    "relay_damaged": (
        "The relay's database cannot be read: it is damaged, or is not a relay's.",
        "Stop the relay and look at the disk. Vaults hold everything that they fetched; start a new folder if the old one cannot be mended, and tell the teams to sync.",
    ),
    "relay_failed": (
        "The relay met something it does not know, and refused one request. Nothing of the request was kept or written down.",
        "If it happens again, start the relay anew and tell those who look after Panah which version it is.",
    ),
    "relay_format_unknown": (
        "This relay's folder was made by another version of Panah.",
        "Use the version that made it, or give the relay a new folder: teams bring again what they have.",
    ),
    "relay_in_use": (
        "Another relay already works with this folder.",
        "Stop the other one, or give this one a folder of its own.",
    ),
    "relay_postgres_missing": (
        "The relay is to keep its deposits in PostgreSQL, and the library for that is not installed.",
        "Install Panah with its extra named postgres, then start the relay again.",
    ),
    "relay_publishing_allowed_already": (
        "This relay already has a publishing word.",
        "Use it. If it is lost, take the line that begins with publish out of relay.toml and ask for a new one.",
    ),
    "relay_store_unreachable": (
        "The relay cannot reach its PostgreSQL. What was acknowledged is there; new deposits are refused until it answers again.",
        "Look at the database server and at the line postgres in relay.toml. Senders try again by themselves.",
    ),
    "relay_settings_malformed": (
        "A line of relay.toml is not one that a relay knows.",
        "Compare it with the page about running a relay. Nothing was started.",
    ),
    # The team's recovery key (kernel/recovery.py).
    "recovery_share_malformed": (
        "A word in this share is wrong, missing or added.",
        "Compare it with the paper, word by word: a share has 33 English words, each known by its first four letters.",
    ),
    "recovery_shares_mixed": (
        "These shares do not belong to one another: at least one is from another team or another time.",
        "Look at the first two words of each share: they are the same on all that belong together.",
    ),
    "recovery_shares_repeated": (
        "The same share was entered twice.",
        "Ask another of the people who keep a share.",
    ),
    "recovery_shares_too_few": (
        "More shares are needed to open the recovery key.",
        "Ask another of the people who keep a share. The number that is needed stands on each of them.",
    ),
    "recovery_shares_wrong": (
        "These shares fit together, but what they give is not the recovery key.",
        "One of them was written down wrongly in more than one place. Try again with another share in its stead.",
    ),
}
