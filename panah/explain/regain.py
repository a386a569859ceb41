"""Refusals about the recovery shares, backups, and the keys that a team was founded with."""

from __future__ import annotations

REGAIN: dict[str, tuple[str, str]] = {
    "backup_altered": (
        "This file lies where a backup was written, and it is not the file that was written.",
        "It was changed, cut or replaced. Make a new backup, and look at the disk.",
    ),
    "backup_folder_away": (
        "The folder for daily backups could not be written.",
        "Plug the disk in, or choose another folder on the page of backups.",
    ),
    "backup_holds_erased": (
        "A backup is older than an erasure, and still holds what was erased.",
        "Make a new backup, then destroy the old file wherever a copy of it lies, and say so on the page of backups.",
    ),
    "backup_none": (
        "No backup was made from this vault yet.",
        "Make one now, to a disk that is kept elsewhere: what nobody else can open is lost with this laptop.",
    ),
    "backup_of_old_shares": (
        "A backup is sealed to recovery shares that were replaced.",
        "Make a new one, and destroy the old file: whoever has three of the old papers opens it.",
    ),
    "backup_old": (
        "The newest backup is older than a week.",
        "Make one now. A folder for daily backups can be chosen on the page of backups.",
    ),
    "backup_not_sealed": (
        "This file is not a sealed backup: it does not begin as an age file does.",
        "Choose the file whose name ends in .age. What was copied out of it elsewhere cannot be restored here.",
    ),
    "device_taken_out": (
        "This device was taken out of the team, and the shares do not bring it back.",
        "Restore a backup into a new vault, or join anew. What is here stays readable as it was.",
    ),
    "founder_changed": (
        "Stop. These are not the keys that your team was founded with, which this vault has pinned.",
        "Take nothing in from where this came. Call a colleague by another way and compare the team's fingerprint; when yours agree, somebody poses as your team.",
    ),
    "no_file_there": (
        "There is no file at this path.",
        "Write the whole path, from the root of the disk or from ~, and look whether the disk is mounted.",
    ),
    "no_place_for_a_vault": (
        "This node was not told where new vaults may be made.",
        "Start it with the folder that holds the vaults, as in: panah run vaults.",
    ),
    "no_such_act": (
        "This form asks for something that this version does not do.",
        "Open the page again and begin there.",
    ),
    "recovery_not_beside": (
        "Beside this vault lies no key that the shares could open.",
        "It is laid there when a vault is opened in a team that has shares. Restore a backup instead, or join anew.",
    ),
    "recovery_not_pinned": (
        "This team was founded without recovery shares that could bring in an administrator.",
        "Backups need shares too. Found the team anew, while everything is well, and carry the cases over.",
    ),
    "recovery_shares_not_for_this_vault": (
        "The shares fit together, but this vault was not laid open to them.",
        "They may be another team's, or older or newer than the last opening of this vault. Try the set that counted then.",
    ),
    "recovery_shares_of_another_team": (
        "The shares fit together, but they are another team's.",
        "Look at the first two words: they are the same on all papers of one set. Ask for the papers of this team.",
    ),
    "recovery_shares_old": (
        "These shares were replaced by newer ones and count no more.",
        "Ask for the papers that were written last. Destroy the old ones.",
    ),
    "shares_forgotten": (
        "What was typed is forgotten: a quarter of an hour is over, or it was stopped.",
        "Begin again with the first share.",
    ),
    "shares_of_another_window": (
        "These shares were being typed for another vault.",
        "Unlock the vault that they are for, and begin there.",
    ),
}
