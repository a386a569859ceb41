"""Refusals at the desk: what is entered in forms, and the rules of the work."""

from __future__ import annotations

DESK: dict[str, tuple[str, str]] = {
    "restricted_needs_supervisor": (
        "A restricted case needs a supervisor among its people.",
        "Choose a supervisor whom the person trusts, and try again.",
    ),
    "answer_empty": ("The answer has no words.", "Write the answer, then send it."),
    "answer_gone": (
        "This page was the answer to something you did, and it is no longer kept.",
        "Go back to where you were. What was saved is saved; what was being typed is kept as a draft.",
    ),
    "answered_twice": (
        "There is an answer, and beside it the mark that there is none.",
        "Keep one of the two: clear the answer, or choose that there is one.",
    ),
    "capacity_blocks_consent": (
        "The person cannot decide now, so nothing can be agreed to in this consent.",
        "Set the decisions to later, and ask again when the person can decide. A task for it is made.",
    ),
    "case_is_closed": ("This case is closed.", "Reopen it first; the person can always come back."),
    "case_is_open": ("This case is open.", "Go on with it as it is."),
    "case_needs_a_holder": (
        "Nobody else could open this case any more.",
        "Hand it to a colleague first, or wait until the team has a supervisor.",
    ),
    "choose_one": (
        "For this kind of answer the two versions cannot be joined.",
        "Choose one of them, and write the other in a note if it matters.",
    ),
    "code_unknown": ("One of the choices is not in the list of this version.", "Choose again from the list."),
    "complaint_empty": ("The complaint has no words.", "Write what happened, in the words of whoever tells it."),
    "date_wrong": (
        "This is not a date that can be kept.",
        "Write year, month and day, such as 2026-11-23 or 1405-09-02. If only part is known, leave it open.",
    ),
    "file_size_differs": (
        "A file that came with a request has another size than was said. It is kept aside.",
        "Ask the person to send it again, if that is safe.",
    ),
    "file_too_large": ("The file is larger than what can be taken in at once.", "Choose a smaller file, or split it."),
    "holds_by_desk": (
        "They hold this case by their desk, so this access cannot be ended by itself.",
        "Restrict the case to named people, or let an administrator change their roles.",
    ),
    "meeting_failed": (
        "A mistake in Panah itself stopped this meeting. What was saved is safe, and what came before the mistake is kept.",
        "Go on working; it is tried again in a minute. If it stays so, carry the changes on a stick and tell whoever looks after Panah in your team.",
    ),
    "page_failed": (
        "A mistake in Panah itself kept this page from being made. Everything that was saved before is safe.",
        "Go back and try again. If it happens again, give the code and the place below to whoever looks after Panah in your team.",
    ),
    "form_expired": (
        "This page was opened before the vault was locked, or in another window.",
        "Go back, open the page again and save once more. What you typed is kept as a draft.",
    ),
    "form_malformed": (
        "What was sent to this page is not a form that it can read.",
        "Go back, open the page again and save once more. What you typed is kept as a draft.",
    ),
    "incident_empty": ("Nothing is written about what is known.", "Write what is known, and what is not known yet."),
    "limits_not_explained": (
        "Nothing can be written here yet: the person has to know first what must be told to whom.",
        "Explain the limits of confidentiality, tick them on the case, then save this page again.",
    ),
    "list_too_long": (
        "There are more entries than one field can hold.",
        "Keep the most important ones, and put the rest into a second record.",
    ),
    "name_missing": (
        "Someone new needs a name that the team knows them by.",
        "Write a name, or choose whose other device it is. Any name will do: it never leaves the team.",
    ),
    "no_file_chosen": ("No file was chosen.", "Choose the file, then go on."),
    "no_names_in_tasks": (
        "The title of a task is shown outside its case, and this one names the person.",
        "Write what is to be done, and leave the name to the case.",
    ),
    "no_recovery_key_known": (
        "This vault does not know the team's recovery key.",
        "Meet a relay or take in a stick, or ask whoever founded the team for the public half of the key.",
    ),
    "no_relay_known": (
        "No relay is known to this vault.",
        "Enter the address of the team's relay, or carry the changes on a stick.",
    ),
    "no_self_approval": (
        "This needs a second person: whoever wrote it cannot also approve it.",
        "Ask a colleague with that role to read it and to decide.",
    ),
    "no_such_code": ("There is no message with this code.", "Check the code; it stands in small letters below a message."),
    "no_such_page": ("There is no such page in the help.", "Begin with the list of help pages."),
    "no_such_type": ("There is no kind of record of that name.", "Begin with the list at the side."),
    "no_way_to_answer": (
        "This conversation came without a receipt, so no answer can reach the person.",
        "Look for another safe way to answer in the request. If there is none, they have to write again.",
    ),
    "not_safe_to_reply": (
        "The person said that answering is not safe. Nothing was sent.",
        "Wait until they come back by themselves. If they said since that it is safe, write that into the request first.",
    ),
    "code_missing": ("The code of the case is missing.", "Write the code that stands on the case, such as ba-ru-mi-7."),
    "coercion_not_looked_at": (
        "Nobody has said yet whether this is the person's own wish.",
        "Look for signs that somebody stands behind it, then choose one of the three answers.",
    ),
    "erasure_held": (
        "This erasure waits: it is not sure that it is the person's own wish. Sharing is stopped already.",
        "Reach the person on their safe way. When 72 hours are over, their word decides; write it down on the page of their rights.",
    ),
    "erasure_not_everywhere": (
        "This erasure is not done everywhere yet: somebody still has to agree, or a device has not been met.",
        "Look at the team's list of erasures, and carry a stick to the devices that are still to be met.",
    ),
    "how_was_it_safe": (
        "It is not written down how this person was warned safely.",
        "Warn them in the way of their safe-contact rule, then write down how it was safe.",
    ),
    "identity_not_sure": (
        "Something would be given or changed, and it is not sure that it is the person who asks.",
        "Ask for the return phrase, or let somebody meet them who knows their face. Never ask for documents.",
    ),
    "nobody_at_that_desk": (
        "Nobody in the team has that desk, so nobody would ever read this.",
        "Ask whoever looks after the keys to give somebody the desk. What you wrote was not sent.",
    ),
    "nobody_past_them": (
        "Whoever this is about would read it at every desk of this team. Nothing was sent.",
        "Take it outside of the team: to a partner organisation, or to whoever holds a share of the recovery key.",
    ),
    "note_empty": ("The note has no words.", "Write what the person says, in their words."),
    "nothing_is_held": (
        "Nothing waits here any more: someone has decided meanwhile.",
        "Open the case again and look at what stands there now.",
    ),
    "right_unknown": (
        "This is not one of the rights that can be used here.",
        "Go back to the page of the person's rights and choose again.",
    ),
    "safe_to_carry_not_asked": (
        "Nobody has said yet whether the person can carry this safely.",
        "Ask who searches them and where it will lie, then choose yes or no.",
    ),
    "sharing_stopped": (
        "The person has stopped sharing, so nothing new can be agreed to be shared.",
        "If they want it again, they lift it first, on the page of their rights.",
    ),
    "nothing_to_settle": (
        "There is nothing to settle here any more: someone has decided meanwhile.",
        "Open the record again and look at what stands there now.",
    ),
    "number_wrong": ("This is not a number that can be kept.", "Write the number with digits of any script, without words."),
    "only_a_supervisor": ("Only a supervisor can approve this.", "Ask a supervisor who did not write it."),
    "only_the_founder_signs": (
        "The root key of the team is not in this vault, so the help page cannot be signed here.",
        "Do this on the device on which the team was founded.",
    ),
    "passphrases_differ": ("The two passphrases are not the same.", "Enter the passphrase twice again."),
    "reason_missing": (
        "The reason is missing. It stands in the log for everyone who is asked about it later.",
        "Go back and write in one sentence why this has to be done now.",
    ),
    "record_has_problems": (
        "Some answers cannot be kept as they are. Nothing was saved.",
        "Mend what is marked below. What you entered is still there.",
    ),
    "record_incomplete": (
        "Something that this step depends on was not answered yet.",
        "Answer what is marked as needed; that someone declined, or that it is not known, is an answer too.",
    ),
    "record_needs_case": ("This record has to belong to a case.", "Open the case and begin from there."),
    "reference_wrong": ("A link to another record is not written as it has to be.", "Choose the record again from the list."),
    "request_already_taken": ("A colleague has taken this request already.", "Open the request to see who has it."),
    "text_too_long": (
        "The text is longer than one field can hold.",
        "Shorten it, or put the rest into a second record or a file.",
    ),
    "deletion_of_nothing": (
        "Somebody asks to delete a conversation that has not come here. The wish is kept aside.",
        "Meet the other relays. If the conversation comes later, look at the wish again.",
    ),
    "thread_taken": (
        "A message claims a conversation that belongs to someone else. It is kept aside.",
        "Nothing has to be done. Never send an answer on its account to another place.",
    ),
    "value_wrong_kind": ("This answer is of another kind than the field keeps.", "Clear the field and answer it again."),
    "voluntary_needs_privacy": (
        "Without a private talk the conclusion cannot be that the person decides of their own free will.",
        "Choose that it is unclear, and talk again where nobody can see or hear.",
    ),
    "write_once": (
        "These words were written once and stay as they are.",
        "To add something, make a new record of the next talk.",
    ),
    "demo_is_local_only": (
        "The demo works with a relay on this machine only, so that invented people never reach a real one.",
        "Start it without naming another relay.",
    ),
    "page_needs_relay": (
        "The help page needs an intake key and the address of at least one relay.",
        "Add a relay to the team first, then build the page again.",
    ),
    "page_not_bundled": (
        "The script of the help page has not been put together on this machine.",
        "Run make assets in the folder of the program, then try again.",
    ),
    "page_not_found": (
        "There is no page at that place, or it cannot be reached now.",
        "Look at the address or the file name once more, and at the network.",
    ),
    "page_altered": (
        "This page is not what the team signed: something in it was changed, added or left out.",
        "Do not use it and do not hand it on. Tell the team, and build the page again from the founder's vault.",
    ),
    "page_outdated": (
        "A relay serves an earlier page of the team, with keys that were given up.",
        "Put the newest page there. What is written on the old one still opens while its keys are kept.",
    ),
    "no_evidence_here": (
        "No changed page is kept under this name.",
        "Look at the page of the help page again.",
    ),
    "page_of_another_team": (
        "This page is whole, but another team's root signed it.",
        "Compare the root key with the one on the printed card.",
    ),
}
