"""Every code list. A code is what is stored; its words are in `i18n/labels.py` and the catalogues."""

from __future__ import annotations

_LISTS = {
    "access_state": "preparing asked talking granted partly refused suspended_by_us dormant",
    "acquire": "given_by_person taken_by_us downloaded_open_source received_from_partner found screen_capture",
    "actor_role": """
        people_in_charge_of_place member_of_place armed_actor authority employer trafficker family_member unknown
        helper_organisation
    """,
    "after_interview": "steady tired distressed_supported referred_support",
    "age_band": "b0_1 b2_5 b6_9 b10_14 b15_17 b18_24 b25_59 b60_plus",
    "age_known": "documented stated estimated disputed_treat_as_child",
    "armed_link": "none lived_among worked_for carried_arms commanded child_associated will_not_say",
    "authenticity": "verified_phrase plausible unclear suspected_test confirmed_hostile",
    "basis": "vital_interest public_interest consent legitimate_interest contract legal_obligation",
    "bip_decision": "care_arrangement family_reunion durable_solution separation_from_carer movement service testimony_exception",
    "bip_kind": "assessment determination",
    "calendar": "gregorian solar_hijri lunar_hijri",
    "capacity": "full supported limited_now none_now",
    "care_arrangement": """
        with_parents one_parent customary_carer relatives older_sibling foster residential independent unrelated_adult
        no_carer
    """,
    "case_alert": """
        danger_now do_not_contact no_coplacement forced_return_risk child_alone suicide_risk medical_red searched_for
        suspected_infiltration restricted_file consent_withdrawn
    """,
    "channel": "web_form web_form_without_scripts onion messaging sms phone walk_in outreach partner family_or_friend letter",
    "claim_status": """
        unverified_claim single_credible_source corroborated_2plus_independent reasonable_grounds
        established_by_mandated_body disputed retracted_by_source found_false
    """,
    "closure_reason": """
        goals_met person_asked returned_by_choice transferred moved_out_of_area lost_contact duplicate died
        unsafe_to_continue never_started
    """,
    "coercion_indicator": """
        abuse_of_vulnerability deception restriction_of_movement isolation physical_violence sexual_violence
        threats_to_person threats_to_family documents_withheld wages_or_property_withheld debt_bondage
        degrading_conditions excessive_work contact_with_family_cut children_separated phone_controlled
        punishment_for_doubt forced_statement_or_confession medicine_or_food_withheld
    """,
    "comment_risk": "names_a_person locates_a_person threat accusation_unattributed spam call_for_help",
    "commitment_status": "offered agreed in_progress kept_verified kept_claimed late broken withdrawn",
    "consent_giver": "self carer legal_guardian supported_decision nobody_other_basis",
    "consent_mode": """
        spoken_witnessed signed thumbprint recorded_voice message_from_verified_channel carer_plus_child_assent
        none_basis_other
    """,
    "consent_purpose": """
        case_management health_referral service_referral placement_with_host transfer_of_case family_tracing_search
        disclose_whereabouts_to_named_person matching_between_organisations best_interest_panel statistics_anonymous
        testimony_internal_analysis testimony_confidential_dialogue testimony_accountability_body public_use_anonymous
        public_use_identified photo audio_or_video research re_contact
    """,
    "consistency_ip": "not_consistent consistent highly_consistent typical diagnostic",
    "contact_outcome": "talking became_case advice_only person_ended unsafe_stopped no_reply referred_elsewhere",
    "copy_after": "erase_payload_keep_pointer keep_until_date person_wants_both_to_keep",
    "copy_given": "given offered_declined unsafe_not_given memorised_phrase",
    "credibility": "c1_confirmed c2_probable c3_possible c4_doubtful c5_improbable c6_cannot_judge",
    "custody_action": """
        collected received hashed_sealed timestamped copied_working derived_redacted viewed analysed transferred_out
        received_back verified_ok verify_failed returned_to_owner destroyed
    """,
    "data_choice": "erase_now keep_minimum keep_until_date",
    "decision": "yes no later",
    "device_risk": "own_private shared controlled_by_others watched borrowed unknown",
    "deletion_answer": "erased kept_minimum they_did_not_ask",
    "direction": "in out",
    "disposition": "emergency_transfer clinician_today first_aid_here return_if_worse declined_care",
    "duress_sign": """
        duress_word word_missing style_changed third_person_present odd_hours asks_for_places_or_names sudden_all_fine
    """,
    "engagement_kind": "meeting call letter visit message briefing hearing informal public_event",
    "enquirer_check": "not_done known_family_bond_confirmed doubtful threat_suspected partner_vouches",
    "evidence_kind": """
        photo video audio document_scan physical_item device_image message_export web_capture medical_report
        map_or_satellite dataset
    """,
    "explained": """
        who_we_are purpose what_is_written who_will_see risks right_to_refuse right_to_withdraw reporting_limits
        how_long_kept complaint_way no_payment
    """,
    "export_kind": "referral_package transfer_package statistics_table evidence_bundle backup subject_access_copy configuration",
    "feedback_kind": """
        thanks suggestion complaint_service complaint_staff_conduct sexual_exploitation_abuse data_concern threat_report
    """,
    "follow_mode": "in_person call message partner_report third_party_safe_contact",
    "function_level": "no_difficulty some a_lot cannot",
    "id_mode": "full_name partial_name alias code_only",
    "identity_check": "return_phrase known_face partner_confirms failed",
    "identity_purpose": "identity_papers asylum_or_registration consular_risk protection_risk the_person_wishes",
    "incident_kind": """
        lost_or_seized_device unauthorised_access wrong_recipient infiltration coerced_message relay_tampering bulk_read
        paper_loss re_identification threat_to_staff threat_to_person malware key_loss
    """,
    "informant": """
        direct_victim direct_witness relative member_of_place_not_witness professional document media_or_open_source
        anonymous authority
    """,
    "journey_purpose": """
        from_place_to_refuge between_shelters to_family to_service border_or_asylum resettlement return_by_choice
    """,
    "journey_status": """
        idea planned go under_way overdue arrived_confirmed_by_person diverted cancelled_by_person cancelled_no_go
        lost_contact returned
    """,
    "leg_mode": "walk car bus train air boat ambulance animal other",
    "match_level": "same_proven likely_same possible different undecided",
    "message_state": "received waiting sent read",
    "mh_flag": """
        acute_stress grief depression_moderate_severe ptsd psychosis epilepsy intellectual_disability substance_use
        self_harm_suicide other_significant
    """,
    "modality_answer": "granted partly refused not_discussed withdrawn_during_visit",
    "moderation": "held approved rejected removed",
    "muac_class": "sam_under_115 mam_115_124 normal_125_up pregnant_under_230 oedema",
    "neutrality_check": """
        no_label_for_any_side every_claim_attributed certainty_stated other_side_asked no_one_identifiable
        no_place_of_refuge_hinted no_fundraising_pity translation_checked figures_suppressed
    """,
    "override": "none vital_interest_two_people legal_obligation_told_person",
    "partner_kind": """
        icrc national_society unhcr iom unicef other_un ngo_international ngo_local health_facility legal_aid
        state_social_service police_or_court community_group media
    """,
    "place_feature": """
        step_free female_only male_only family_room infant_needs medical_near interpreter school_near prayer_space pets
        kitchen disability_bathroom wheelchair_vehicle child_seat
    """,
    "place_kind": """
        closed_camp compound worksite private_home detention armed_site institution refuge_point transit shelter_house
        host_family independent_flat protected_area hospital_or_clinic hotel meeting_point office border_or_airport other
    """,
    "place_not_for": """
        adult_men unaccompanied_children infectious_precaution people_from_same_place armed_background
        high_risk_of_pursuit
    """,
    "place_precision": "site village adm3 adm2 adm1 country",
    "place_status": "ready full paused compromised closed",
    "placement_constraint": """
        no_coplacement sex_separation child_with_carer unaccompanied_child_standard accessibility infection_precaution
        place_compromised distance_from_threat capacity host_vetted_in_date legal_stay
    """,
    "placement_exit": """
        moved_on to_family to_own_home returned_to_place_by_choice taken_by_force hospital unknown_left_without_notice
        asked_to_leave_safety site_closed died
    """,
    "placement_preference": """
        family_together same_language near_hospital near_school urban own_kitchen shortest_journey longest_stay
    """,
    "precaution": "none droplet airborne contact enteric",
    "precision": "day month year range season event",
    "pressure_source": """
        none_reported people_in_charge_of_place other_members partner_or_spouse family_inside family_outside armed_actor
        authority employer_or_debt smuggler_or_trafficker helper_organisation media_or_public material_need
        health_or_dependency children_held_there
    """,
    "protection_concern": """
        physical_violence sexual_violence psychological_abuse denial_of_resources forced_marriage exploitation_labour
        exploitation_sexual trafficking unlawful_detention torture_ill_treatment forced_recruitment child_recruitment
        neglect abandonment family_separation documents_confiscated threat_of_forced_return discrimination extortion
        self_harm missing_relative other
    """,
    "pub_status": "draft fact_checked safety_checked approved_1 approved_2 published corrected withdrawn",
    "publication_kind": "statement news explainer breadcrumb statistics briefing correction related_article",
    "referral_status": """
        draft sealed_sent delivered acknowledged accepted rejected service_started service_completed revoked_by_person
        expired failed
    """,
    "refoulement": "none_seen possible stated_fear confirmed_block",
    "refoulement_check": "not_needed done_no_objection fear_stated_stop pending",
    "reject_reason": "no_capacity outside_criteria outside_area insufficient_information unsafe person_declined other",
    "relation": """
        head_or_spokesperson spouse_partner child parent sibling grandparent grandchild aunt_uncle cousin in_law guardian
        foster_child other_relative unrelated_chosen
    """,
    "reliability": "A_reliable B_usually C_fairly D_not_usually E_unreliable F_cannot_judge",
    "report_class": "confidential_to_authority internal shared_with_partners public",
    "right_kind": "see_my_data copy correct add_note restrict object withdraw_consent erase move_to_other_org who_saw_it",
    "risk": "critical high medium low",
    "satisfaction": "very_satisfied satisfied mixed dissatisfied very_dissatisfied not_asked",
    "second_reading": "agrees does_not_agree",
    "separation": "accompanied separated unaccompanied child_headed",
    "separation_cause": """
        flight_or_attack arrest_or_detention recruitment_or_abduction entered_closed_place expelled_from_place
        migration_route illness_or_hospital divorce_or_custody placed_with_others disaster other
    """,
    "service_status": """
        planned provided_by_us referred already_received_elsewhere not_applicable declined_by_person unavailable completed
        failed
    """,
    "service_type": """
        shelter health mental_health_psychosocial safety_security legal_aid documentation_of_identity child_protection
        family_tracing family_reunification education livelihoods cash food clothing_items wash language_interpretation
        registration_or_asylum transport rehabilitation_disability spiritual_or_community other
    """,
    "sex": "female male other_or_intersex prefer_not",
    "sexual_violence_window": "not_applicable under_72h under_120h under_2_weeks later declined_to_say",
    "shelter_model": "safe_house community_host independent_living protected_area institution_used_as_shelter mixed",
    "source": "self proxy observed partner document",
    "specific_need": "CR SC WR ER SP DS SM FU LP TR SV",
    "stage": "contact counselling exit_support reception registration assessment plan_running moving follow_up closed",
    "stakeholder_level": "local province national international place_leadership community media donor",
    "stance": "blocks opposes wary neutral open supports champions",
    "strength": """
        trusted_person_outside language_skills money_or_work_skill documents_in_hand faith_or_community_support
        previous_attempts phone_access health_literacy
    """,
    "task_status": "open doing waiting done cancelled overdue",
    "tell_enquirer": "nothing alive message_via_us area contact_details everything_agreed",
    "trace_answer": """
        located_agrees_contact located_message_only located_no_answer_permitted died_confirmed fate_information_partial
        not_located withdrawn
    """,
    "trace_direction": "they_seek_someone someone_seeks_them",
    "trace_status": """
        open searching candidate_found verified answered reunited contact_by_message_only closed_unresolved withdrawn
    """,
    "triage": "red yellow green dead_on_arrival",
    "triage_sign_red": """
        unresponsive stridor respiratory_distress_or_cyanosis capillary_refill_over_3s weak_fast_pulse heavy_bleeding
        active_convulsion altered_mental_with_fever_or_stiff_neck_or_cold low_sugar high_risk_trauma poisoning
        threatened_limb snake_bite acute_chest_or_belly_pain_over_50 violent_or_aggressive pregnant_bleeding
        pregnant_severe_pain pregnant_seizure_or_confusion pregnant_headache_or_vision_or_bp_160_110 active_labour
        child_severe_dehydration_two_signs infant_under_2m_fever_or_cold
    """,
    "triage_sign_yellow": """
        mouth_or_neck_swelling wheeze vomits_everything_or_diarrhoea cannot_feed_or_drink severe_pallor bleeding_ongoing
        fainted altered_or_agitated general_weakness new_focal_weakness visual_loss severe_pain rash_spreading_or_peeling
        limb_deformity open_fracture other_trauma_or_burn sexual_assault testicular_pain no_urine
        exposure_needs_prophylaxis pregnant_referred_complication surgical_diagnosis_known
    """,
    "triage_tool": "iitt_adult_12plus iitt_child_under12 mass_casualty lay_danger_signs",
    "unity_rule": "together together_if_possible apart_requested court_or_bid_decides",
    "urgency": "emergency_24h urgent_72h routine_2w",
    "vi_about": "leaving staying going_back moving_on joining_family",
    "vi_information": """
        conditions_and_risks_leaving conditions_and_risks_staying options_for_help legal_status_effects family_effects
        what_we_cannot_promise reflection_time
    """,
    "visit_domain": """
        freedom_to_leave treatment material_conditions food_and_water health_care contact_with_family
        information_and_documents children_and_education work_and_pay religion_and_opinion complaints deaths
    """,
    "visit_modality": """
        all_places all_people_held all_premises private_interviews_of_choice repeat_visits list_or_registration
        medical_member_in_team no_reprisals_assurance own_interpreter confidential_report
    """,
    "visit_stage": "initial_talk tour private_interviews medical final_talk",
    "voluntariness": "voluntary not_voluntary unclear_repeat lacks_capacity_now best_interest_process",
    "vulnerability_domain": """
        child sex_gender_orientation health_and_welfare protection_need trafficking torture statelessness_or_documents
        dependants other
    """,
    "want": "leave stay return_to_place return_to_family move_elsewhere undecided will_not_say",
    "who_writes": "self relative friend member_of_place helper professional unknown",
    "withdrawal_voluntary": "confirmed_voluntary suspected_coerced cannot_verify",
    "yn": "yes no partly",
}

CODES: dict[str, tuple[str, ...]] = {name: tuple(codes.split()) for name, codes in _LISTS.items()}
