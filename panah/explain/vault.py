"""Refusals of the vault: keys, devices, the log, carrying between vaults."""

from __future__ import annotations

VAULT: dict[str, tuple[str, str]] = {
    "already_in_a_team": (
        "This vault belongs to a team already.",
        "Use it as it is. To join another team, make a new vault in another folder.",
    ),
    "file_broken": (
        "The file is damaged, or it is not what it says it is.",
        "Have it sent again. If it has to stay as it is, tick that it is kept as it came.",
    ),
    "file_not_cleanable": (
        "What this file tells of place, time, device and author cannot be taken out here.",
        "Send a picture or a PDF of it instead, or remove comments, macros and passwords first. For evidence, tick that it is kept as it came.",
    ),
    "file_too_much_work": (
        "Reading this file takes more memory or time than a file of its kind may take.",
        "Have a smaller one made. A file that swells like this can be meant to do harm.",
    ),
    "no_confinement_here": (
        "This system has no safe place in which a stranger's file could be read, so it is not read at all.",
        "Look at it on a node that runs on Linux, or keep the file itself and read its warning.",
    ),
    "picture_not_drawn": (
        "This file could not be drawn as a picture.",
        "It may be damaged, or not be a picture. It can be kept as a file, with its warning.",
    ),
    "attachment_altered": (
        "The parts of this file are not those that were sealed.",
        "Do not rely on it. Ask the person who added the file to add it again.",
    ),
    "attachment_malformed": (
        "The reference to this file is damaged, so the file cannot be found.",
        "Look in the history of the record for who added it, and ask them to add it again.",
    ),
    "attachment_not_here": (
        "The contents of this file have not reached this vault yet.",
        "Meet a relay or take in a stick, then open it again.",
    ),
    "attachment_too_large": (
        "The file is larger than what a vault keeps for one file.",
        "Make it smaller: a lower resolution, or several shorter pieces. The original stays where it is.",
    ),
    "author_removed": (
        "A change came from someone who was removed from the team. It is kept aside and does not count.",
        "If they wrote it before they left, an administrator can look at what is kept aside.",
    ),
    "author_unknown": (
        "A change came from a device that this vault does not know yet.",
        "Nothing is lost. Meet the others again: once their welcome has arrived, the change counts.",
    ),
    "backup_malformed": (
        "This file is not a backup of Panah, or its contents were changed.",
        "Try an older copy of the backup. Keep this one until another has been restored.",
    ),
    "body_malformed": (
        "What was sealed here is damaged inside, although the seal is right.",
        "Keep it and ask the sender to send it again with the current version.",
    ),
    "body_too_large": (
        "What is sealed here would unpack to more than is allowed.",
        "Do not open it by other means. Ask the sender what they sent.",
    ),
    "bundle_future_version": (
        "This file was written by a newer version of Panah, which carries changes in another way. Nothing of it was taken in.",
        "Update Panah on this device and take the file in again. Until then a relay may bring the same changes.",
    ),
    "bundle_malformed": (
        "This file does not carry changes of a team.",
        "Choose the file whose name ends in .panah, or have it written again.",
    ),
    "bundle_truncated": (
        "The end of this file is missing. What came before the break was taken in.",
        "Copy the file again from where it was written; taking it in twice does no harm.",
    ),
    "cannot_remove_oneself": (
        "An administrator cannot remove themselves.",
        "Ask another administrator. If you are the only one, name a second one first.",
    ),
    "card_already_used": (
        "This card was used before, and a card can be used once.",
        "Have a new card made on the device that wants to join.",
    ),
    "card_future_version": (
        "This card was made by a newer version of Panah.",
        "Update Panah on this device, then read the card again.",
    ),
    "card_malformed": (
        "This file is not the card of a device, or it was changed on its way.",
        "Have the card copied again from the device that made it, and compare its digits aloud.",
    ),
    "changes_withheld": (
        "Colleagues have seen changes of this device that did not come here. They are on their way, or somebody keeps them back.",
        "Meet the others by another way: another relay, a laptop nearby, a stick. If they do not come by any, ask whose device it is.",
    ),
    "device_doubled": (
        "Two machines write as this one device. Its disk was copied or set back, or somebody has its keys.",
        "Ask its owner. Have the device removed on the page of the team, and let the machine that is theirs join anew with a card of its own.",
    ),
    "removed_goes_on": (
        "A device goes on writing that was removed from the team. What it writes does not count.",
        "Do nothing if it was lost: this is what the removal is for. If its owner still works with it, let it join anew.",
    ),
    "this_device_doubled": (
        "This device wrote changes that this vault did not hold. Its disk was set back to an older copy, or a copy of it is at work elsewhere.",
        "Write nothing more here. Let somebody who looks after the keys remove this device, and join anew in a new vault.",
    ),
    "clock_ahead": (
        "A change is dated more than a day ahead of this device's clock. It waits until then.",
        "Compare the clock of this device with another one, and the clock of the sender's device.",
    ),
    "compartment_exists": ("There is a compartment of that name already.", "Use the one that exists."),
    "disk_cannot_be_written": (
        "The disk refuses to be written. What was entered before is kept.",
        "Check whether the disk is full, pulled out or write-protected, then save again.",
    ),
    "disk_full": (
        "The disk is full. What was entered before is kept.",
        "Make room on the disk, then save again. What you typed still stands on the page.",
    ),
    "epoch_unknown": (
        "A change is sealed with a newer key than this vault has.",
        "Nothing is lost. Meet the others again; the key comes with their changes.",
    ),
    "event_base_from_future": (
        "A change says that it answers one that was written later. It is kept aside.",
        "Ask the sender to update Panah and to compare their device's clock.",
    ),
    "erasure_asked_already": (
        "You have asked for this erasure already. A second person has to agree.",
        "Ask a colleague who can open the case to read it and to agree, or to say no.",
    ),
    "erasure_not_asked": (
        "Nobody has asked to erase this.",
        "Nothing was changed. Meet the others if you expected a colleague's wish here.",
    ),
    "record_erased": (
        "This was erased by the decision of two people, and is gone for good.",
        "What you typed was not kept. If the person comes back, open a new case.",
    ),
    "cannot_remove_this_device": (
        "A device cannot take itself out of the team.",
        "Do it from another of your devices, or ask who looks after the keys.",
    ),
    "no_such_device": (
        "The team has no such device, or it was taken out already.",
        "Look at the list of devices on the team's page.",
    ),
    "team_not_met": (
        "This vault has met nobody of the team for more than 30 days. Someone may have asked to be forgotten meanwhile, so it opens nothing before it has met the others.",
        "Meet the relay, or take in a file from a colleague. Where that is impossible, a supervisor may decide to work on; it is written down.",
    ),
    "event_malformed": (
        "A change is not written as the specification demands. It is kept aside.",
        "Ask the sender which version they use. Nothing else is affected.",
    ),
    "field_not_indexed": ("Lists cannot be ordered or filtered by this field.", "Choose another field, or search for words."),
    "file_cannot_be_written": (
        "The file could not be written to that place.",
        "Check whether the stick is full, write-protected or was pulled out, and choose another place.",
    ),
    "key_file_future_version": (
        "The key file of this vault was written by a newer version of Panah.",
        "Update Panah on this device. An older version must not open this vault.",
    ),
    "key_file_malformed": (
        "The key file of this vault is damaged.",
        "Copy it back from a backup of the vault's folder, or restore the team's backup as a new device.",
    ),
    "made_by_newer_version": (
        "This was written by a newer version of Panah, and this version could lose part of it.",
        "Read it here; update Panah before you change it.",
    ),
    "no_key_here": (
        "This vault has no key for that.",
        "Ask a supervisor to give it to you, and meet a relay so that it arrives.",
    ),
    "no_role_chosen": ("No role was chosen.", "Choose at least one role: it decides which desks' keys the person receives."),
    "no_such_compartment": (
        "There is no such compartment, or this vault does not hold its key.",
        "Ask a supervisor whether you should have it.",
    ),
    "no_such_member": (
        "Nobody of that name or number is in the team.",
        "Look at the list of members. Someone may have been removed, or their welcome has not arrived here yet.",
    ),
    "no_such_record": (
        "This record is not in this vault, or its key is held by others.",
        "If a colleague gave you the link, ask them to share it with you, and meet a relay.",
    ),
    "no_such_role": ("There is no role of that name.", "Choose one of the roles in the list."),
    "no_vault_here": (
        "There is no vault in that place.",
        "Check the folder. If the vault is on a stick or another disk, attach it first.",
    ),
    "not_in_a_team": (
        "This vault has not joined a team yet.",
        "Make a card, bring it to an administrator, and take in the welcome that they give you.",
    ),
    "only_an_administrator": (
        "Only an administrator of the team can add or remove people.",
        "Ask someone whose role is keeper of the keys.",
    ),
    "parent_missing": (
        "A change came without the one before it. It waits.",
        "Nothing is lost. Meet the others again, or take in their stick.",
    ),
    "passphrase_too_short": (
        "This passphrase is too short to protect a vault that was taken away.",
        "Choose at least six words that do not belong together.",
    ),
    "passphrase_wrong": (
        "The passphrase does not open this vault.",
        "Enter it again, and look at the keyboard's language. Nobody can reset it.",
    ),
    "recipient_malformed": (
        "The key of a recipient is not written as it has to be.",
        "Have the card or key copied again from where it was made.",
    ),
    "relay_address_malformed": (
        "This is not the address of a relay.",
        "Enter the address as your team gave it to you, from https:// to its end.",
    ),
    "relay_answer_malformed": (
        "The relay answered with something that is no answer.",
        "Check whether a sign-in page of the network stands between; then try again or use another relay.",
    ),
    "relay_answer_too_large": (
        "The relay sent more than it was asked for. It was not read.",
        "Tell whoever runs the relay, and use another one meanwhile.",
    ),
    "relay_full": (
        "The relay has no room. Nothing is lost here.",
        "It is tried again by itself. Tell whoever runs the relay, or carry the changes on a stick.",
    ),
    "relay_refuses": (
        "The relay refused. Nothing is lost here.",
        "Try again later. If it lasts, ask whoever runs the relay whether its address changed.",
    ),
    "relay_refuses_size": (
        "The relay refuses pieces of this size. Nothing is lost here.",
        "Carry it on a stick, or tell whoever runs the relay.",
    ),
    "relay_unreachable": (
        "The relay cannot be reached now. Nothing is lost here.",
        "Go on working. The changes are carried with the next meeting, or on a stick.",
    ),
    "seal_broken": (
        "A seal did not open: the key is another one, or the bytes were changed.",
        "Ask for it again. If this is about the whole vault, restore the backup as a new device.",
    ),
    "segment_altered": (
        "A piece of the log was changed after it was signed. It is kept aside and does not count.",
        "Tell the administrators: someone, or a failing disk, changes what is stored.",
    ),
    "segment_future_version": (
        "A piece of the log was written by a newer version of Panah. It is kept.",
        "Update Panah on this device; then it counts.",
    ),
    "segment_malformed": (
        "A piece of the log is not written as the specification demands. It is kept aside.",
        "Meet the others again to fetch it once more.",
    ),
    "segment_not_canonical": (
        "A piece of the log is written in a second way that the specification does not allow. It is kept aside.",
        "Tell the administrators which device sent it.",
    ),
    "segment_parent_foreign": (
        "A piece of the log names a predecessor of another author. It is kept aside.",
        "Tell the administrators which device sent it.",
    ),
    "segment_too_large": (
        "A piece of the log is larger than allowed. It is kept aside.",
        "Tell the administrators which device sent it.",
    ),
    "signature_wrong": (
        "A signature does not fit. What it stands under does not count.",
        "Do not rely on it. Ask the sender by another way whether they wrote it.",
    ),
    "transport_key_unknown": (
        "What came is sealed for a team, and this vault has no key for it.",
        "Check whether it is for another team. If it is yours, meet a relay and take it in again.",
    ),
    "vault_damaged": (
        "The vault on this disk is damaged.",
        "Copy the folder as it is to a safe place, then restore the team's backup as a new device. What the others have comes back by itself.",
    ),
    "vault_exists": (
        "There is a vault in that place already. It was not touched.",
        "Choose another folder, or open the vault that is there.",
    ),
    "vault_future_version": (
        "This vault was written by a newer version of Panah.",
        "Update Panah on this device. An older version must not open this vault.",
    ),
    "vault_in_use": ("Another window or program has this vault open.", "Use that one, or close it first and wait a moment."),
    "vault_locked": ("The vault is locked.", "Unlock it with your passphrase. Drafts are kept."),
    "welcome_future_version": (
        "This welcome was made by a newer version of Panah.",
        "Update Panah on this device, then take the welcome in again.",
    ),
    "welcome_malformed": (
        "This file is no welcome, or it was changed on its way.",
        "Have it copied again from the administrator who made it.",
    ),
    "welcome_not_for_this_device": (
        "This welcome was made for another device.",
        "Ask the administrator for the one that was made from this device's card.",
    ),
}
