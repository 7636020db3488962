//! One suite for both databases: every story runs on SQLite always, and on PostgreSQL whenever it is found.

mod audit;
mod backups;
mod care;
mod cases;
mod checks;
mod closed;
mod leads;
mod operate;
mod people;
mod results;
mod support;
mod work;

use std::future::Future;
use std::pin::Pin;
use support::{Fresh, postgres};

/// A story on a fresh database.
type Story = (&'static str, fn(Fresh) -> Pin<Box<dyn Future<Output = ()>>>);

macro_rules! stories {
    ($($module:ident { $($story:ident)+ })+) => {
        const STORIES: &[Story] = &[$($((
            concat!(stringify!($module), "::", stringify!($story)),
            |fresh| Box::pin($module::$story(fresh)),
        ),)+)+];
    };
}

stories! {
    audit {
        a_sound_trail_is_verified
        an_edited_entry_is_found
        an_entry_edited_with_its_leaf_is_found
        a_deleted_entry_is_found
        entries_in_another_order_are_found
        a_cut_off_end_is_found
        a_rollback_past_a_witnessed_head_is_found
        a_forged_head_is_found
        what_the_trail_cannot_hold_does_not_happen
        an_auditor_reads_ids_and_no_names
        who_looked_at_a_record_is_known
        reads_that_wait_together_are_committed_together
    }
    backups {
        a_backup_is_restored_with_its_trail
        a_backup_moves_between_databases
        what_was_purged_stays_purged
        a_damaged_backup_is_refused
        a_database_that_holds_something_is_refused
    }
    care {
        a_child_is_recorded_with_a_specialist_and_the_clock_runs
        who_needs_to_know_of_a_child_and_nobody_else
        a_victim_without_a_specialist_waits_in_sight
        a_cleared_entry_moves_the_report_and_missing_again_the_victim
        a_release_opens_what_it_names_until_it_is_revoked
        no_release_is_a_blanket_or_signed_by_the_abuser
        a_referral_opens_itself_and_nothing_else
        what_was_compelled_is_behind_the_wall_and_no_release_opens_it
        a_provider_holds_its_own_keys
        the_next_specialist_of_the_same_organisation_takes_over
        a_plan_is_reopened_when_the_child_is_missing_again
        any_sequence_of_acts_keeps_the_wall
    }
    cases {
        a_lead_is_promoted_by_an_act_of_its_own
        a_case_is_worked_charged_and_closed
        a_case_is_listed_for_its_agency_alone
        a_case_leaves_as_it_was_released
    }
    closed {
        a_report_sealed_at_the_start_was_never_visible
        a_compartment_opens_to_those_read_into_it
        break_glass_opens_for_a_while_and_is_reviewed
        nobody_behind_the_wall_is_opened_by_break_glass
        a_purged_lead_is_gone_and_the_trail_is_sound
    }
    leads {
        a_finding_becomes_a_lead_and_is_closed
        the_same_request_five_times_is_one_record
        a_dismissed_finding_can_be_offered_again
        two_people_who_decide_at_once_see_the_conflict
        missing_and_forbidden_look_alike
        a_list_shows_what_single_decisions_allow
        a_list_is_narrowed_and_counted_by_state
        notes_and_grounds_are_read_in_the_history
        the_ends_of_leads_say_what_was_found
        a_lead_goes_to_the_agency_that_is_to_work_it
    }
    people {
        a_report_is_sealed_edited_and_located
        a_report_is_matched_after_it_was_received_or_edited
        a_purged_report_is_gone_for_good
        reports_of_another_system_are_taken_over
        what_leaves_an_agency_is_in_the_release_log
        a_tip_becomes_a_lead
        a_judgement_is_undone_and_the_snapshot_follows
    }
    results {
        a_recovery_fact_is_claimed_with_it_and_goes_with_it
        one_child_counts_once_though_three_agencies_claim
        who_claims_does_not_confirm_and_no_other_agency_reads_it
        whoever_runs_an_initiative_counts_the_results_of_agencies_in_it
        the_provider_directory_is_taken_in_once
        what_is_lent_in_turn_is_counted_in_turn
        a_claim_beside_a_freeze_is_in_it_or_refused
        reading_on_counts_what_a_fresh_start_counts
        a_frozen_figure_regenerates_after_ten_thousand_later_facts
    }
    checks {
        two_events_at_one_place_tell_both_sides
        a_selector_is_met_wherever_it_is
        a_moved_plan_meets_another_and_leaves_it_again
    }
    operate {
        a_specialist_who_declines_leaves_the_event_without_one
        an_event_is_met_by_what_it_turns_on
        nobody_is_arrested_at_an_event_unscreened
        an_event_goes_on_only_when_nothing_is_missing
        a_moved_event_is_asked_about_again
        access_through_an_initiative_ends_with_it
        nobody_who_may_be_a_child_is_a_subject_of_an_event
        a_sealed_event_is_open_to_those_who_are_named
        whatever_is_tried_nothing_goes_on_that_lacks_something
    }
    work {
        five_wrong_passwords_lock_the_account
        a_lock_keeps_out_and_does_not_throw_out
        an_organisation_has_the_jobs_of_its_kind
        a_member_keeps_their_number
        a_session_ends_when_it_idles_or_lasts_too_long
        who_is_removed_is_out_at_once
        a_locked_member_stays_out_after_the_release
        a_session_keeps_its_purpose
        a_half_filled_form_waits_for_its_member
        an_agency_joins_on_terms
        a_draft_is_approved_by_another
        a_job_is_held_by_one_worker_at_a_time
        a_member_is_told_once_and_reads_what_is_new_first
        a_database_from_the_future_is_refused
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    for (name, story) in STORIES {
        println!("{name}");
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("record.db").display());
        // Tampering opens the file that is there.
        story(Fresh::open(&url, folder).await).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let Some(server) = postgres::start() else { return };
    for (name, story) in STORIES {
        println!("{name}");
        story(Fresh::open(&server.database().await, tempfile::tempdir().unwrap()).await).await;
    }
}
