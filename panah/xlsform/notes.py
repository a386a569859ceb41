"""What is told to whoever wrote a form: what we mended, what to think about, what to change. Two sentences each; the first says what is, the second what to do."""

from __future__ import annotations

from panah.i18n import text
from panah.xlsform.model import Note

WORDS: dict[str, tuple[str, str]] = {
    # the workbook
    "no_survey": ("There is no sheet named survey.", "Name the sheet with the questions: survey."),
    "sheet_guessed": ("The sheet {sheet} was taken for the sheet {meant}.", "Name it {meant}, so that other tools find it too."),
    "sheet_cut": ("The sheet {sheet} is larger than what is read.", "Delete what stands far below or to the right of the form, or divide the form."),
    "sheet_hidden": ("The sheet {sheet} is hidden. It was read all the same.", "Show it, so that everyone sees what is asked."),
    "columns_hidden": ("Columns are hidden: {columns}. They were read all the same.", "Show them, so that everyone sees what is asked."),
    "rows_hidden": ("Rows are hidden: {rows}. They were read all the same.", "Show them, or delete them if they shall not be asked."),
    "merged": ("Cells are joined: {cells}. The text counts for the first of them.", "Separate the cells, and write the text where it belongs."),
    "formula": ("A cell holds a formula. Its last result was taken: {text}.", "Write the text itself into the cell."),
    "header_late": ("The heads of the columns stand in row {at_row}, below other lines.", "Make it the first row of the sheet."),
    "column_missing": ("The sheet has no column {wanted}.", "Add a column with {wanted} in its first row."),
    "column_twice": ("The column {head} is there twice. The first one counts.", "Delete one of the two."),
    "column_unknown": ("The column {head} means nothing here and was left out.", "Nothing has to be done, unless it was meant to be another."),
    "media_left_out": ("Pictures and sounds beside questions are not shown here. The column {head} was left out.", "Say it in the words of the question."),
    "language_guessed": ("The column {head} does not say its language. It was taken for {language}.", "Write the column as {head}::{language}."),
    "language_unknown": ("The language {head} has no short name that we know. It is kept as {language}.", "Write its short name in brackets, such as: label::Persian (fa)."),
    "languages_too_many": ("There are more than {most} languages.", "Divide the form."),
    # rows
    "type_mended": ("{written} was read as {meant}.", "Nothing has to be done."),
    "type_missing": ("The row has no type.", "Write what kind of answer it takes, such as text, integer, date or select_one and the name of a list."),
    "type_unknown": ("{written} is no type of question that we know.", "Write one of: text, integer, decimal, date, dateTime, time, select_one, select_multiple, note, acknowledge, file, range, calculate."),
    "type_elsewhere": ("Questions of the type {written} take their choices or pictures from elsewhere, which is not done here.", "Use select_one or select_multiple, and write the choices into the sheet choices."),
    "rank_unknown": ("Questions of the type rank are not asked here.", "Ask with select_one for the first, and again for the second."),
    "number_as_decimal": ("{written} was read as decimal.", "Write integer if only whole numbers make sense."),
    "device_left_out": ("{written} writes down things about the phone or the helper. It was left out.", "Nothing has to be done."),
    "exact_place": ("{written} writes down an exact place. A person can be found by it, so it is not kept here.", "Ask with text for the district or the nearest town."),
    "name_mended": ("The name {written} was written as {meant}: a name has letters, digits and underscores, and begins with a letter.", "Nothing has to be done."),
    "name_made": ("The row has no name. It was named {meant}.", "Nothing has to be done."),
    "name_twice": ("The name {written} is there twice. This one was named {meant}.", "Give it a name of its own, and look at conditions that meant it."),
    "label_missing": ("The question has no words. Its name stands in their place.", "Write the question into the column label."),
    "label_language_missing": ("The question has no words in: {languages}.", "Write them, or readers of that language see another one."),
    "words_too_long": ("The text is longer than {most} letters.", "Write it shorter, or divide it."),
    "questions_too_many": ("There are more than {most} questions.", "Divide the form into several."),
    "choices_too_many": ("There are more than {most} choices in all.", "Shorten the lists, or divide the form."),
    "nothing_asked": ("The sheet asks nothing.", "Write at least one question below the heads of the columns."),
    # lists
    "list_missing": ("There is no list {list} in the sheet choices.", "Write its choices there, or the name of one that is there: {lists}."),
    "list_not_named": ("The question does not say which list it takes its choices from.", "Write its name behind the type, such as: select_one yes_no."),
    "list_mended": ("The list {list} was taken for the list {meant}.", "Nothing has to be done."),
    "list_made": ("There is no list {list}. It was made with yes and no.", "Nothing has to be done."),
    "list_unused": ("No question uses the list {list}. It was left out.", "Nothing has to be done."),
    "choice_without_list": ("The choice does not say which list it is in. It was taken to the one above it: {list}.", "Write the name of the list into the row."),
    "choice_lost": ("The choice does not say which list it is in.", "Write the name of the list into the column list_name."),
    "choice_twice": ("The choice {name} is there twice in the list {list}. One was left out.", "Nothing has to be done."),
    "choice_renamed": ("Two choices of the list {list} have the name {written}. This one was named {meant}.", "Give it a name of its own."),
    "choice_mended": ("The choice {written} was written as {meant}: a choice has no spaces.", "Nothing has to be done."),
    "choice_without_words": ("The choice {name} has no words. Its name stands in their place.", "Write them into the column label."),
    "choice_is_answer": ("The choice {name} is an answer that every question here has: {meant}. It is offered in that place.", "Nothing has to be done."),
    # groups
    "group_not_closed": ("The group {name} is not ended. It was ended where the sheet ends.", "Add a row with end_group or end_repeat."),
    "end_without_begin": ("Something is ended here that was not begun.", "Delete the row, or add the row that begins it."),
    "group_crossed": ("{written} ends something else than what was begun last: {name}.", "End first what was begun last."),
    "list_in_list": ("A repeat stands inside a repeat. Lists inside of lists are not kept here.", "Put it behind the other one, and ask in it which line it belongs to."),
    "file_in_list": ("Files cannot be put into a repeat here.", "Put the question outside of the repeat."),
    "note_in_list": ("The note stands inside a repeat. It was left out.", "Put it before the repeat."),
    "repeat_count": ("The number of lines was fixed. Here people add as many as they need.", "Nothing has to be done."),
    "too_deep": ("Groups stand inside of groups too deep.", "Put fewer groups into each other."),
    # rules
    "expression_mended": ("The condition was written as “{meant}”.", "Nothing has to be done."),
    "expression_sign": ("The condition in {column} cannot be read at “{what}”.", "Write it with ${{name}}, =, !=, <, >, and, or, not( ), selected( )."),
    "expression_function": ("The condition in {column} uses {what}( ), which is not computed here.", "Write it with =, !=, <, >, and, or, not( ), selected( ), count-selected( ), string-length( ), today( )."),
    "expression_function_parts": ("In {column}, {what}( ) has too many or too few parts.", "Compare it with an example, such as: selected(${{name}}, 'choice')."),
    "expression_bracket": ("A bracket is open or missing in {column}.", "Count the brackets: as many open as close."),
    "expression_left_over": ("In {column}, something is left over: “{what}”.", "Join the parts with and, or or."),
    "expression_ends_early": ("The condition in {column} ends too early.", "Write what stands on the other side."),
    "expression_too_long": ("The condition in {column} is too long.", "Divide it with a calculate question."),
    "expression_too_deep": ("The condition in {column} has too many brackets inside of each other.", "Divide it with a calculate question."),
    "reference_unknown": ("{column} speaks of the question {name}, and there is none of that name.", "Write the name of a question. Perhaps: {near}."),
    "reference_mended": ("{column} speaks of {written}, which was taken for {meant}.", "Nothing has to be done."),
    "reference_itself": ("{column} depends on its own answer, or on one that depends on it.", "Take it out of the condition."),
    "filter_column": ("The filter of choices speaks of the column {name}, and the sheet choices has none of that name.", "Add the column to the choices, or write the name of one that is there."),
    "required_condition": ("Whether it is needed depends on a condition here. It counts as needed whenever it is asked.", "Write yes or nothing."),
    "read_only_note": ("The question is read-only. It is shown as a note.", "Nothing has to be done."),
    "default_computed": ("What stands in the box at first is computed. The box is empty here.", "Write a fixed text, or ask the person."),
    "default_wrong": ("What stands in the box at first is no answer of this kind: {text}. The box is empty here.", "Write an answer that fits."),
    "range_wrong": ("The parameters of the range cannot be read: {text}.", "Write: start=1 end=5 step=1."),
    "calculation_missing": ("The question is computed, and there is nothing to compute.", "Write it into the column calculation."),
    "other_added": ("A question was added for what else it is: {name}.", "Nothing has to be done."),
    # what is asked
    "asks_weapons": ("This asks about weapons.", "Take it out: such answers put the person in danger. Ask for the injury or the fear, if that is what care needs."),
    "asks_leaders": ("This asks about leaders or commanders.", "Take it out: such answers put the person in danger, and care needs none of them."),
    "asks_structure": ("This asks how those who hold people are organised, or by which group somebody was held.", "Take it out: such answers put the person in danger, and no list by group is ever made."),
    "asks_routes": ("This asks about routes or checkpoints.", "Take it out: whoever reads it could stop the next person. Plans of a journey have a place of their own."),
    "needs_purpose": ("This asks about {subject}. It is asked only where there is a purpose.", "Write the purpose into a column purpose, or take the question out."),
    "kept_sensitive": ("This asks about {subject}. It is kept as sensitive: search does not find it, and it is never needed.", "Nothing has to be done. Ask it only for the purpose that you wrote."),
    "not_needed": ("This asks who somebody is on paper, and was marked as needed. Nobody has to say that here; the mark was taken away.", "Nothing has to be done."),
}  # fmt: skip

SUBJECTS = {"nationality": "nationality", "ethnicity": "ethnicity", "religion": "religion"}
LEVELS = {"problem": "To be changed", "warning": "To think about", "repair": "Mended"}


def sentence(note: Note, lang: str) -> str:
    """What is told, in two sentences."""
    what, do = WORDS[note.code]
    args = {"column": note.column} | {
        k: text(lang, v) if k == "subject" or (note.code == "choice_is_answer" and k == "meant") else v
        for k, v in note.args.items()
    }
    return f"{text(lang, what, **args)} {text(lang, do, **args)}"


def place(note: Note, lang: str) -> str:
    """Where: sheet, row, column."""
    if not note.sheet:
        return ""
    if not note.row:
        return text(lang, "sheet {sheet}", sheet=note.sheet)
    if not note.column:
        return text(lang, "sheet {sheet}, row {row}", sheet=note.sheet, row=note.row)
    return text(lang, "sheet {sheet}, row {row}, column {column}", sheet=note.sheet, row=note.row, column=note.column)
