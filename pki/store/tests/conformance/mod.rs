// SPDX-License-Identifier: Apache-2.0
//! What every engine must do, told as stories over a store that a suite provides. Knows no engine.

pub(crate) mod access;
pub(crate) mod anchors;
pub(crate) mod approvals;
pub(crate) mod batches;
pub(crate) mod births;
pub(crate) mod changes;
pub(crate) mod departures;
pub(crate) mod inspection;
pub(crate) mod installation;
pub(crate) mod intents;
pub(crate) mod issuing;
pub(crate) mod ledgers;
pub(crate) mod lines;
pub(crate) mod listing;
pub(crate) mod mass_revocations;
pub(crate) mod orders;
pub(crate) mod processes;
pub(crate) mod publication;
pub(crate) mod records;
pub(crate) mod registrations;
pub(crate) mod repetitions;
pub(crate) mod replacement;
pub(crate) mod revocation;
pub(crate) mod reworks;
pub(crate) mod stations;
pub(crate) mod strikes;
pub(crate) mod submissions;
pub(crate) mod tree;
pub(crate) mod unfinished;
pub(crate) mod walking;
pub(crate) mod world;

/// Runs every story as a test of its own. The suite's function gives a fresh ground.
macro_rules! conformance {
    ($fresh:path) => {
        $crate::conformance::conformance!(@ $fresh,
            installation: [
                an_installation_is_made_whole_and_once,
                a_service_certificate_is_served_once_it_is_recorded,
                an_unfinished_service_intent_is_listed_by_the_next,
            ],
            inspection: [
                every_law_can_be_asked_and_holds,
                whoever_breaks_a_law_is_named_by_its_key,
                a_view_shows_one_instant,
                rows_are_read_as_they_are_kept,
            ],
            replacement: [
                the_version_of_a_thing_changes_with_it_and_only_then,
                the_version_of_an_anchor_changes_with_all_that_belongs_to_it,
                terms_are_replaced_and_what_was_judged_by_the_old_ones_is_stale,
                a_group_changes_its_anchors_for_those_that_are_free,
                keys_are_replaced_in_their_place,
                whoever_is_bound_to_what_is_removed_stays_so,
                the_stations_of_a_group_go_with_it_and_those_of_another_stay,
            ],
            registrations: [
                a_device_is_registered_once_however_it_spells_itself,
                a_registration_is_stale_once_what_it_was_judged_by_has_changed,
                refusals_are_kept_a_row_each_and_anonymous_ones_counted,
                rows_of_a_caller_that_went_away_are_kept_whole,
            ],
            lines: [
                a_stranger_has_no_line_but_its_key_may_be_known,
                a_line_tells_of_orders_under_way,
                a_key_is_certified_once_a_certificate_on_it_is_recorded,
                changes_of_key_are_counted_for_a_day,
                changes_of_key_of_all_of_a_name_are_counted,
                a_line_tells_whether_another_key_has_one_under_another_profile,
                the_epoch_rises_with_the_order_that_needs_it,
                an_enrollee_is_known_however_it_spells_itself_and_only_at_home,
                a_device_is_shown_with_its_certificates_newest_first,
            ],
            intents: [
                an_intent_keeps_all_that_is_new,
                an_intent_is_stale_once_anything_it_was_judged_by_has_changed,
                an_intent_is_stale_once_its_enrollment_is_disabled,
                an_intent_of_a_group_is_stale_once_the_device_is_named_in_advance,
                a_key_of_the_house_or_a_blocked_one_is_never_kept,
                of_two_rows_for_one_device_or_key_in_a_batch_the_second_is_stale,
                a_repeated_intent_changes_nothing,
                a_row_that_cannot_be_kept_leaves_its_neighbours_alone,
                of_fifty_racing_requests_of_one_device_one_wins,
                an_operation_is_told_to_its_own_device_only,
                an_intent_under_an_issuer_it_was_not_judged_for_is_a_fault,
            ],
            batches: [
                of_rows_of_one_serial_order_or_certificate_the_first_is_kept,
                an_intent_that_is_twice_in_a_batch_is_one,
                a_row_whose_forerunner_is_stale_is_judged_by_what_is_kept,
                new_and_known_devices_share_a_batch,
                one_bad_row_among_sixty_four_fails_alone,
                records_of_one_device_take_their_places_one_after_the_other,
                a_record_of_another_device_is_lost,
                of_two_submissions_of_one_operation_the_first_is_kept,
            ],
            records: [
                the_first_certificate_is_current_at_once,
                a_record_is_kept_once_and_under_its_own_lease_only,
                a_renewal_is_provisional_and_the_next_replaces_it,
                a_renewal_is_current_at_once_when_nothing_else_is_valid,
                a_provisional_replaces_a_revoked_provisional,
                a_late_record_does_not_displace_what_was_asked_for_last,
                what_was_asked_for_last_is_not_judged_by_the_clock,
                a_certificate_that_was_asked_for_later_is_placed_whatever_the_clock_says,
            ],
            unfinished: [
                an_intent_is_taken_over_once_its_lease_has_ended,
                unfinished_orders_are_taken_oldest_first_and_no_more_than_asked,
                an_intent_given_up_is_listed_and_raises_the_epoch,
                whoever_lost_the_lease_gives_nothing_up,
                an_intent_may_not_be_signed_once_its_enrollment_is_disabled,
                an_order_that_cannot_be_read_does_not_stop_the_others,
                a_lease_of_a_clock_that_stepped_back_has_ended,
                an_order_that_is_held_stays_in_hand,
            ],
            submissions: [
                submissions_are_taken_in_the_order_of_their_arrival_and_whole,
                a_submission_handed_in_twice_is_one,
                a_submission_whose_lease_ended_is_anothers,
                a_submission_that_is_held_stays_in_hand,
                a_submissions_lease_of_a_clock_that_stepped_back_has_ended,
                a_submission_that_cannot_be_read_does_not_stop_the_others,
                what_became_of_many_is_asked_at_once,
                an_operation_names_the_submission_of_its_own_device_only,
                a_crowd_is_kept_out_and_what_slipped_in_is_refused,
                what_was_settled_long_ago_is_forgotten,
                whoever_waits_is_woken,
            ],
            processes: [
                a_process_is_known_by_its_last_sign_of_life,
            ],
            revocation: [
                a_certificate_is_revoked_once,
                a_certificate_of_nobody_of_others_or_expired_is_not_revoked,
                a_compromised_key_is_blocked_and_all_its_certificates_revoked,
                an_intent_can_be_revoked_before_it_is_recorded,
                a_device_is_revoked_with_all_its_certificates,
            ],
            strikes: [
                a_device_is_revoked_with_its_open_orders,
                a_device_restored_can_order_again_with_the_key_it_had_asked_for,
                a_compromise_found_late_strikes_the_key_of_a_revoked_certificate,
                a_compromise_found_late_strikes_the_key_of_an_expired_certificate,
                a_compromise_found_late_strikes_the_keys_of_a_revoked_device,
                a_revocation_changes_no_policy,
            ],
            publication: [
                a_list_is_published_and_then_not_due,
                a_shard_is_leased_to_one_and_its_numbers_only_rise,
                a_lease_given_back_is_free_at_once_and_only_its_holder_gives_it_back,
                a_list_without_an_intent_is_not_published,
                a_revocation_that_came_after_the_lease_keeps_the_shard_dirty,
                a_list_is_read_in_pages_in_the_order_of_serials,
                the_three_newest_lists_stay,
                a_list_of_the_future_is_due_and_a_lease_of_the_future_has_ended,
                an_expired_revocation_stays_until_a_list_has_named_it_after_its_expiry,
            ],
            anchors: [
                an_anchor_is_kept_with_all_that_belongs_to_it,
                an_anchor_is_one_of_its_name_and_one_of_its_certificate,
                an_organization_has_so_many_anchors_and_so_much_of_lists,
                every_change_of_an_anchor_makes_what_was_judged_by_it_stale,
                a_list_gives_way_only_to_a_newer_one_that_covers_the_same,
                an_anchor_admits_by_one_group_of_an_organization_and_only_where_it_is_granted,
                an_anchor_goes_once_no_group_refers_to_it,
                a_group_is_read_with_its_anchors,
                a_certificate_is_pinned_by_one_enrollment_of_an_organization,
            ],
            listing: [
                a_list_is_read_in_pages_in_each_of_its_orders,
                a_list_has_what_its_filters_leave_and_takes_them_literally,
                one_cursor_key_is_drawn_for_the_installation,
                of_a_hundred_thousand_rows_none_is_skipped_or_repeated_while_others_change,
            ],
            departures: [
                a_device_is_kept_out_and_let_in_again,
                a_restored_device_raises_its_epoch,
                a_device_is_bound_elsewhere_and_what_it_asked_for_before_it_does_not_get,
                a_deleted_device_leaves_its_name_and_its_birth_key_and_keeps_its_history,
                a_device_is_claimed_only_where_it_is_let_go_to,
            ],
            ledgers: [
                devices_are_read_in_each_of_their_orders,
                certificates_are_read_by_age_and_by_their_ends,
                orders_are_read_by_age,
                the_journal_is_searched,
                of_a_hundred_thousand_devices_none_is_skipped_or_repeated_while_others_change,
            ],
            walking: [
                a_part_of_the_devices_looks_no_further_than_another,
                a_part_of_the_enrollments_looks_no_further_than_another,
                a_part_of_the_journal_of_an_object_looks_no_further_than_another,
            ],
            repetitions: [
                a_key_is_spent_with_its_act_and_by_nothing_else,
                an_expired_key_is_as_good_as_new,
                an_answer_is_kept_once_beside_the_key_its_request_spent,
                of_fifty_changes_that_spend_one_key_one_is_kept,
            ],
            births: [
                a_birth_key_is_written_down_with_the_first_registration_that_presents_it,
                a_birth_key_is_written_down_with_the_first_intent_that_presents_it,
                a_later_birth_key_is_written_down_beside_the_first,
                a_birth_key_of_another_device_or_a_blocked_one_is_never_kept,
                a_birth_key_that_is_certified_stays_a_birth_key,
                of_two_devices_with_one_birth_key_in_a_batch_the_second_is_stale,
                the_compromise_of_a_device_is_of_its_birth_keys,
                a_certificate_of_ours_is_told_with_its_status_and_its_place,
                a_device_is_bound_to_a_method_and_an_enrollment,
            ],
            access: [
                an_account_is_one_of_its_name_however_it_is_spelled,
                who_is_disabled_or_whose_organization_is_suspended_does_not_stand,
                a_role_is_given_once_and_taken_from_where_it_was_given,
                the_last_who_administers_the_whole_stays,
                nobody_is_left_who_administers_where_their_organizations_are_suspended,
                a_token_is_kept_without_its_secret_and_revoked_once,
                a_certificate_proves_one_holder_as_long_as_nothing_of_it_is_revoked,
            ],
            approvals: [
                an_approval_is_settled_once_and_in_time,
                approvals_are_listed_as_they_stand_now,
                who_could_approve_is_a_person_with_a_role_and_a_way_in,
                a_way_in_is_a_token_or_certificate_with_what_it_leaves,
                who_administers_a_suspended_whole_could_approve,
                an_issuer_of_another_generation_is_left_as_it_is,
            ],
            mass_revocations: [
                a_query_finds_what_fits_device_by_device,
                what_was_ordered_by_a_group_is_of_it_wherever_its_device_is_bound,
                what_a_compromise_strikes_besides_is_found_with_it,
                those_that_are_not_done_are_read_one_after_the_other,
                a_step_is_done_once_and_the_last_one_ends_it,
            ],
            issuing: [
                a_profile_is_revised_and_every_revision_stays,
                what_may_be_used_is_listed_by_since_when_and_an_own_name_goes_first,
                of_two_that_were_granted_by_one_name_the_older_is_meant,
                a_grant_is_given_once_and_taken_back_once_nothing_refers_to_it,
                a_group_needs_the_grants_of_its_own_organization,
            ],
            stations: [
                a_station_is_one_of_its_name_and_of_a_group_of_its_organization,
                a_station_stands_as_long_as_it_is_there_and_enabled,
                what_is_made_at_a_station_is_counted_and_no_more_than_it_may,
                a_repeated_intent_at_a_station_is_counted_once,
                a_day_is_counted_by_itself,
                a_station_that_changed_makes_what_was_judged_by_it_stale,
                of_a_hundred_racing_units_at_the_limit_none_is_too_many,
                an_earlier_unit_is_named_at_home_only,
            ],
            reworks: [
                a_rework_lets_a_unit_have_one_more_key_and_is_closed_with_its_order,
                while_a_rework_is_open_a_station_has_nothing_else_made_for_the_unit,
                a_rework_that_revokes_strikes_all_that_is_good_and_what_is_under_way,
                no_unit_is_reworked_that_is_gone_revoked_or_kept_out,
                how_often_a_unit_was_reworked_outlives_it,
                a_rework_that_is_open_is_not_counted_again_and_strikes_where_it_is_asked_to,
                nothing_is_done_at_a_station_to_a_unit_that_was_bound_elsewhere_since,
                nothing_is_done_at_a_station_that_has_changed_since,
            ],
            tree: [
                an_organization_stands_below_another_for_ever,
                what_is_below_is_suspended_and_resumed_with_it,
                what_was_judged_before_a_suspension_is_stale,
            ],
            changes: [
                a_change_raises_the_policy_version_and_writes_the_journal,
                a_dropped_change_never_was,
                a_change_left_open_ends_by_itself_and_the_others_go_on,
                names_are_taken_once_without_regard_to_case,
                a_device_bound_elsewhere_is_not_named_by_a_new_enrollment,
                what_is_not_there_or_not_ones_own_cannot_be_set,
                data_keys_are_added_by_version_and_the_newest_is_used,
                a_station_is_read_with_its_group_whatever_is_made_meanwhile,
            ],
        );
    };
    (@ $fresh:path, $($chapter:ident: [$($story:ident),+ $(,)?],)+) => {
        $(mod $chapter {
            $(
                #[tokio::test]
                async fn $story() {
                    let (ground, _keep) = $fresh().await;
                    $crate::conformance::$chapter::$story(ground).await;
                }
            )+
        })+
    };
}
pub(crate) use conformance;
