"""What a record still lacks, and why an act of sharing is refused: the rules of the work on a case."""

from __future__ import annotations

WORK: dict[str, tuple[str, str]] = {
    "answer_needed": (
        "This is not answered yet.",
        "Answer it when you know. Declined and unknown are answers too.",
    ),
    "basis_needed": (
        "It is not said yet why we may keep this.",
        "Choose the basis in the case; its parts stand on it.",
    ),
    "basis_to_renew": (
        "This was begun to save a life, and three days have gone since the first private talk.",
        "Write why we may still keep it, or choose another basis.",
    ),
    "best_interests_needed": (
        "This is a child, and there is no complete best-interests record.",
        "Write it first; the child's own view stands in it.",
    ),
    "change_of_mind_not_told": (
        "The person was not told that they can change their mind.",
        "Tell them: until the last moment, and afterwards.",
    ),
    "child_not_asked": (
        "The child was not asked.",
        "Ask in simple words. A no of the child's stands, whatever a carer says.",
    ),
    "child_separation_needed": (
        "It is not said whether this child is alone.",
        "Choose it: a child alone meets a specialised partner the same day.",
    ),
    "childs_no_stands": (
        "The child said no, and this would go against it.",
        "Set those decisions to no. A carer cannot say yes to a photo, an account or telling where the child is.",
    ),
    "choice_not_offered": (
        "It is not said whether the person could choose who talks with them.",
        "Offer a woman or a man, and the language, and write down that you did.",
    ),
    "consent_expired": (
        "The time for which the person agreed is over.",
        "Ask again, and write a new consent.",
    ),
    "child_gives_no_account": (
        "Children are never asked for an account here.",
        "Leave this out. What a child needs is safety and care; specialised bodies decide the rest.",
    ),
    "coercion_hold": (
        "Somebody may have made the person say this, so nothing is erased for 72 hours. Sharing has stopped already.",
        "Ask the person on the safe way. Afterwards their own word decides.",
    ),
    "coercion_not_looked_at": (
        "It is not said whether this is the person's own wish.",
        "Choose one: it is, somebody may be making them say it, or it cannot be told now. Sharing stops in each case.",
    ),
    "consent_incomplete": (
        "The consent is not complete, so nothing may rest on it yet.",
        "Open it: it says what it lacks.",
    ),
    "consent_never_with": (
        "The person said that nothing may ever be shared with them.",
        "Do not share. Only the person can take that back.",
    ),
    "consent_not_asked": (
        "The person was not asked about this purpose and this recipient, or wants to decide later.",
        "Ask them, and write it in a consent. Care goes on without it.",
    ),
    "consent_refused": (
        "The person said no to this.",
        "Do not share. Refusing changes nothing about their care.",
    ),
    "consent_used": (
        "The person agreed to this once, and it was used.",
        "Ask again if it is needed again.",
    ),
    "consent_withdrawn": (
        "The person has taken this back.",
        "Do not share. If they wish it again, write a new consent.",
    ),
    "explained_too_little": (
        "Not everything was explained that a person must hear before they agree.",
        "Say who will see it, what the risks are, what we must report, and that they may refuse and take it back.",
    ),
    "copy_not_safe": (
        "The person did not say that a copy is safe to carry, so there is none.",
        "Ask them first. To carry nothing is a good answer.",
    ),
    "mind_changed": (
        "The person has changed their mind since.",
        "Stop what was decided. Only a new talk can decide anew, and only if the person wishes it.",
    ),
    "nothing_to_ask": (
        "It is not chosen what the person will be asked.",
        "Choose at least one purpose; ask only for what is needed now.",
    ),
    "nobody_chosen": (
        "Nobody is chosen.",
        "Tick at least one person who gets a file of their own.",
    ),
    "nobody_would_stay": (
        "Everybody is chosen; nobody would stay in this file.",
        "Leave out those who keep this file.",
    ),
    "nothing_to_sign": (
        "There is nothing here that waits for a second name.",
        "Open the record anew: somebody may have signed it already.",
    ),
    "panel_too_small": (
        "A determination needs a panel of at least three people of different functions.",
        "Add the people of the panel, each with a function.",
    ),
    "partner_duty_not_told": (
        "The person has not heard what this recipient must tell others by law.",
        "Find out what they must tell whom, say it to the person, and ask again.",
    ),
    "person_not_asked": (
        "The person was not asked whether the service helped.",
        "Ask them where that is safe. What a provider says is not enough.",
    ),
    "plan_not_agreed": (
        "The person does not agree to this plan.",
        "Change the plan with them. Nothing is done against their will.",
    ),
    "recipient_needed": (
        "It is not said for whom this is.",
        "Name the recipient. There is no agreement for everybody.",
    ),
    "refusal_not_told": (
        "The person was not told that refusing changes nothing about their care.",
        "Tell them, and ask again.",
    ),
    "second_reader_disagrees": (
        "The second reader does not find what the first one concluded.",
        "Talk with the person again, alone. Do not go on until both agree.",
    ),
    "second_reader_needed": (
        "Nobody else has read this talk yet.",
        "Ask a trained colleague to read it and put their name under it, on their own device.",
    ),
    "signature_needed": (
        "A high or critical risk is signed by a supervisor.",
        "It stands in the list of a supervisor; they sign it on their own device.",
    ),
    "talk_incomplete": (
        "The talk on which this would rest is not complete.",
        "Open it: it says what it lacks.",
    ),
    "talk_needed": (
        "Nobody has asked the person alone about this decision.",
        "Hold a free-will talk about it first.",
    ),
    "talk_is_one_persons": (
        "This talk holds what one person said; it cannot become another's.",
        "Write a new talk for the other person, each alone.",
    ),
    "talk_is_over": (
        "This talk has come to its end, or this was agreed to already.",
        "To take something back, use the page of consents; to ask anew, begin a new talk.",
    ),
    "talk_not_free": (
        "The last talk does not say that the person wants this freely.",
        "Do not go on. Talk again, alone, when the person wishes.",
    ),
    "talk_not_private": (
        "This was not said in private.",
        "Ask again where nobody can see or hear.",
    ),
    "talk_too_old": (
        "The talk about this decision is more than a day old.",
        "Ask the person again before anything that cannot be undone.",
    ),
    "tries_too_few": (
        "Contact counts as lost after three tries.",
        "Try again on other safe ways, over thirty days or more, and write down how many.",
    ),
    "understanding_not_checked": (
        "It is not said whether the person understood.",
        "Ask them to say it back in their own words.",
    ),
}
