"""Refusals of forms that a team writes itself: the file, the questions, the answers."""

from __future__ import annotations

QUESTIONS: dict[str, tuple[str, str]] = {
    "sheet_not_xlsx": ("This file is not a workbook of the kind .xlsx.", "Save it in your spreadsheet program as an Excel workbook (.xlsx), and choose that file."),
    "sheet_old_or_locked": (
        "This workbook is of the old kind (.xls), or it is locked with a password.",
        "Open it in your spreadsheet program, take the password away, and save it as .xlsx.",
    ),
    "sheet_has_macros": (
        "This workbook holds macros: small programs that somebody put into it. It is not read.",
        "Save it as .xlsx without macros. If you did not put them there, tell whoever looks after Panah in your team.",
    ),
    "sheet_too_large": ("This workbook is larger than any form is.", "Delete what does not belong to the form, or divide it into several forms."),
    "sheet_broken": ("This workbook cannot be read.", "Open it in your spreadsheet program and save it again under another name as .xlsx."),
    "form_has_problems": ("Something in this form has to be changed first.", "Run the check again after changing the rows that are named above."),
    "time_wrong": ("This is not a time of day.", "Write hours and minutes, such as 14:30."),
    "answer_outside_rule": ("This answer does not fit the rule of the question.", "Look at what stands below the question, and answer again or leave it open."),
    "choice_does_not_fit": ("This choice does not fit what was answered above.", "Choose again; the list shows what fits after the answer above it is saved."),
    "form_not_here": (
        "The form that this belongs to has not arrived on this device yet, or is made by a newer version.",
        "Carry changes with a colleague; nothing of the answers is lost.",
    ),
    "form_asks_too_much": (
        "This form asks what care forms do not ask.",
        "Look at the check of the form: it says which question, and why.",
    ),
    "form_not_in_use": ("This form is not in use any more.", "Use the newer one in the list of forms. What was answered with this one stays."),
    "nothing_to_put_in_use": ("There is no checked form here that waits.", "Choose the file again and look at the check."),
    "no_such_form": ("There is no form of that name.", "Look at the list of forms, or at the names of the record types."),
}  # fmt: skip
