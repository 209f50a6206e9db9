//! The contract of [`Store`], its repositories and its lookups, claim by claim.
pub mod attempts;
pub mod audit;
pub mod audit_chain;
pub mod audit_readers;
pub mod authorization_attempts;
pub mod client_apps;
pub mod factors;
pub mod guards;
pub mod identities;
pub mod leases;
pub mod lists;
pub mod lookups;
pub mod mail_tokens;
pub mod outbox;
pub mod pending_sign_ins;
pub mod provider_sessions;
pub mod providers;
pub mod revocations;
pub mod roles;
pub mod sealed_values;
pub mod sealing_keys;
pub mod session_states;
pub mod sessions;
pub mod signing_keys;
pub mod users;
pub mod work;

use doorward_domain::{Role, Session, User};
use doorward_ports::outbound::{
    AuditReaders, ClientStates, Lease, ProviderCatalogue, RevocationLog, RoleCatalogue, SessionStates, Store,
    UserDirectory, WriteWork,
};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// A store on a database that holds what the migrations put in, and nothing else.
pub struct StoreUnderTest {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its sessions.
    pub session_states: Arc<SessionStates>,
    /// Its client apps' tokens.
    pub client_states: Arc<ClientStates>,
    /// Its accounts to look at.
    pub users: Arc<UserDirectory>,
    /// Its roles to look at.
    pub roles: Arc<RoleCatalogue>,
    /// Its providers to look at.
    pub providers: Arc<ProviderCatalogue>,
    /// Its sequence of revocations.
    pub revocations: Arc<dyn RevocationLog>,
    /// Its leases, and those of the same database opened a second time.
    pub leases: [Arc<dyn Lease>; 2],
    /// The places of its readers, and those of the same database opened a second time.
    pub audit_readers: [Arc<dyn AuditReaders>; 2],
    /// The same database opened a second time, as by another process.
    pub other: Arc<dyn Store>,
    /// What must live as long as the database.
    pub kept: Box<dyn Any + Send>,
}

/// How long anything may take that is promised "at once".
pub const AT_ONCE: Duration = Duration::from_secs(1);
/// How many do the same at the same time.
pub const CROWD: usize = 32;

impl StoreUnderTest {
    async fn write(&self) -> Box<dyn WriteWork> {
        self.store.write().await.unwrap()
    }

    async fn having(&self, users: &[&User]) {
        let mut work = self.write().await;
        for user in users {
            work.users().insert(user, None).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    async fn having_sessions(&self, sessions: &[&Session]) {
        let mut work = self.write().await;
        for session in sessions {
            work.sessions().insert(session).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    async fn having_role(&self, role: &Role) {
        let mut work = self.write().await;
        work.roles().insert(role).await.unwrap();
        work.commit().await.unwrap();
    }

    async fn user(&self, user: &User) -> Option<User> {
        self.store.read().await.unwrap().users().by_id(user.id).await.unwrap()
    }

    async fn session(&self, session: &Session) -> Option<Session> {
        self.store.read().await.unwrap().sessions().by_id(session.id).await.unwrap()
    }

    /// That another process can begin to write, at once.
    async fn others_can_write(&self) {
        let work = tokio::time::timeout(AT_ONCE, self.other.write()).await;
        drop(work.expect("another process waits for a lock that nobody should hold").unwrap());
    }
}

/// One `#[tokio::test]` for each claim of the store's contract. The argument is an `async fn() -> StoreUnderTest` that
/// makes a store on a database of its own.
#[macro_export]
macro_rules! store_conformance {
    ($make:ident) => {
        $crate::store_conformance! { $make:
            users {
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_account_is_none,
                credentials_are_found_by_address_and_by_username,
                a_second_account_of_an_address_is_a_duplicate,
                a_second_account_of_a_username_is_a_duplicate,
                a_change_to_a_taken_address_or_username_is_a_duplicate,
                an_update_writes_every_property_and_counts_the_version,
                a_change_of_nobody_is_an_error,
                a_sign_in_is_noted_and_counts_no_version,
                a_password_is_replaced,
                a_password_is_removed,
                a_lock_makes_others_wait_and_see_the_change,
                a_role_is_given_once,
                a_role_is_taken_once,
                a_deleted_account_takes_what_hangs_on_it,
                only_enabled_holders_are_counted,
                an_empty_store_has_no_account,
            }
            lists {
                every_filter_and_order_answers_page_by_page_what_a_model_does,
                a_page_stays_right_when_the_last_account_seen_is_gone,
                accounts_that_come_are_shown_after_the_place_and_not_before_it,
                a_prefix_is_no_pattern,
                an_account_is_found_by_what_it_is_now,
                a_search_finds_after_any_edits_what_a_model_does,
                an_account_that_a_crowd_edits_is_found_as_it_is_in_the_end,
                a_key_with_a_nul_is_no_fault,
            }
            roles {
                a_new_store_holds_the_system_roles_and_permissions,
                a_role_is_read_back_with_its_permissions,
                an_unknown_role_or_permission_is_none,
                a_second_role_of_a_name_is_a_duplicate,
                a_second_permission_of_a_name_is_a_duplicate,
                lists_go_by_name_after_the_given_one,
                a_change_of_the_description_counts_the_version,
                a_permission_is_added_once,
                a_permission_is_taken_once,
                a_lock_makes_others_wait_and_see_the_change,
                a_deleted_role_is_taken_from_all_who_hold_it,
                a_deleted_permission_is_taken_from_all_roles,
                the_permissions_of_an_account_are_those_of_all_its_roles,
            }
            sessions {
                what_a_live_session_rests_on_is_replaced,
                an_exchange_answers_what_the_session_rests_on,
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_session_is_none,
                live_sessions_are_listed_newest_first_page_by_page,
                live_sessions_of_all_accounts_are_counted,
                a_token_is_exchanged_for_the_next,
                of_a_crowd_one_exchanges_the_token,
                a_token_that_is_not_the_current_one_is_not_exchanged,
                an_expired_or_ended_session_exchanges_nothing,
                an_idle_session_exchanges_nothing,
                use_is_recorded_of_live_sessions_not_seen_of_late,
                use_lifts_the_end_as_idle_where_there_is_none,
                use_of_a_session_that_is_being_changed_is_not_waited_for,
                the_first_end_keeps_its_time_and_reason,
                all_sessions_but_one_are_ended,
                a_purge_forgets_what_is_long_over_and_no_more_than_asked,
                a_device_is_known_by_its_sessions_live_or_not,
            }
            session_states {
                a_live_session_answers_its_account_its_roles_and_permissions,
                an_unknown_session_is_not_live,
                a_session_is_live_until_the_moment_it_expires,
                an_unused_session_is_live_until_the_moment_it_ends_as_idle,
                an_ended_session_is_not_live,
                a_session_of_a_disabled_account_is_not_live,
                roles_and_permissions_are_those_of_now,
                whether_the_password_must_be_changed_is_what_holds_now,
            }
            lookups {
                an_account_is_shown_as_it_is,
                a_role_is_shown_as_it_is,
                many_are_found_by_their_keys,
                more_keys_than_a_statement_takes_are_no_fault,
            }
            revocations {
                the_end_of_a_session_is_written_once,
                what_becomes_of_an_account_is_written,
                a_sign_in_concerns_the_account_and_no_session,
                an_edit_of_a_profile_concerns_the_account_and_no_session,
                what_becomes_of_a_role_is_written,
                a_role_that_is_made_or_described_anew_is_written,
                what_is_rolled_back_is_not_written,
                what_concerns_nobodys_memory_is_not_written,
                a_purge_forgets_what_is_old_and_no_more_than_asked,
            }
            signing_keys {
                a_key_is_read_back_to_the_microsecond,
                keys_come_in_the_order_in_which_they_begin_to_sign,
                a_second_key_of_a_name_is_refused,
                a_saved_key_has_other_times_and_no_other_key_has,
                a_key_that_there_is_not_is_not_saved,
                every_change_of_a_key_is_told_to_all_nodes,
            }
            sealing_keys {
                sealing_keys_are_read_back_the_oldest_first,
                a_second_sealing_key_of_an_id_is_refused,
                a_saved_sealing_key_has_other_times_and_keeps_its_copy_until_it_retires,
                a_sealing_key_that_there_is_not_is_not_saved,
                what_a_node_says_takes_the_place_of_what_it_said,
                a_node_is_forgotten_by_name_or_when_it_has_long_said_nothing,
                of_a_crowd_one_adds_the_first_sealing_key,
            }
            sealed_values {
                sealed_values_are_counted_by_their_heads,
                values_with_other_heads_come_page_by_page,
                rows_that_are_named_by_ids_are_found_and_replaced,
                a_value_is_replaced_only_if_nobody_has_changed_it,
                of_a_crowd_one_replaces_a_value,
            }
            attempts {
                what_was_never_counted_is_none,
                what_is_saved_is_locked_again,
                a_crowd_of_failures_is_counted_exactly,
                scopes_are_counted_apart,
                one_scope_is_forgotten_or_all,
                a_network_is_known_since_the_last_sign_in_from_it,
                the_networks_of_an_account_are_listed_with_the_last_sign_in,
                nobody_knows_a_network_without_an_account,
                a_purge_forgets_what_is_long_untouched_and_no_more_than_asked,
            }
            audit {
                a_line_is_read_back_to_the_microsecond,
                details_are_read_back_to_the_byte,
                a_line_without_an_account_or_a_person_is_taken,
                lines_of_an_account_come_newest_first_page_by_page,
                lines_are_listed_that_match_all_that_is_given,
                a_time_range_contains_its_beginning_and_not_its_end,
                a_line_is_committed_with_what_it_tells_of_or_not_at_all,
                what_tells_of_a_person_is_erased_and_the_line_stays,
            }
            audit_chain {
                sealed_lines_have_dense_numbers_and_their_links,
                equal_personal_data_has_another_digest_in_each_line,
                an_erasure_leaves_the_digest,
                a_seal_is_read_back,
                a_seal_that_is_not_committed_has_never_been,
                of_a_crowd_one_seals,
                many_writers_and_two_sealers_make_one_chain_without_a_gap,
                who_reads_on_from_a_place_gets_every_line_once,
                a_line_that_is_committed_late_is_not_lost,
                a_prune_deletes_up_to_its_anchor,
                keys_are_read_back_the_oldest_first,
                a_line_without_personal_data_has_no_digest,
            }
            audit_readers {
                who_has_never_moved_is_before_the_first_line,
                a_reader_is_where_it_has_moved_also_for_another_process,
                of_a_crowd_at_one_place_one_moves_on,
                who_is_elsewhere_or_would_not_come_further_does_not_move,
            }
            client_apps {
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_app_is_none,
                a_second_app_of_an_id_is_a_duplicate,
                lists_go_by_id_after_the_given_one,
                an_update_writes_every_property_and_counts_the_version,
                a_change_of_nothing_is_an_error,
                a_secret_is_replaced,
                a_lock_makes_others_wait_and_see_the_change,
                the_permissions_of_an_app_are_those_of_all_its_roles,
                a_deleted_role_is_taken_from_the_apps_that_hold_it,
                a_deleted_app_is_gone_with_its_roles,
                an_active_app_is_live_by_its_present_grant,
                a_disabled_or_deleted_app_is_not_live,
                what_becomes_of_an_app_is_written_by_the_grant_it_had,
                all_sessions_of_a_client_are_ended,
            }
            providers {
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_provider_is_none,
                a_second_provider_of_a_name_is_a_duplicate,
                of_a_crowd_one_adds_a_provider,
                lists_go_by_name_after_the_given_one,
                an_update_writes_every_property_and_counts_the_version,
                a_change_of_nothing_is_an_error,
                a_lock_makes_others_wait_and_see_the_change,
                all_providers_are_shown_as_they_are,
                every_change_of_a_provider_is_told_to_all_nodes,
                identities_stay_when_their_provider_is_deleted,
            }
            identities {
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_identity_is_none,
                identities_of_an_account_come_oldest_first,
                a_second_identity_of_a_key_is_a_duplicate,
                of_a_crowd_one_links_an_identity,
                another_issuer_or_another_spelling_is_another_identity,
                the_last_use_is_recorded,
                an_identity_is_deleted_of_its_account_alone,
                identities_are_deleted_with_their_account,
                what_depends_on_a_provider_is_counted,
            }
            authorization_attempts {
                what_is_begun_is_answered_to_the_microsecond,
                what_is_proved_is_handed_over_to_the_microsecond,
                an_unknown_state_code_or_token_is_none,
                an_answer_is_taken_once,
                of_a_crowd_one_takes_an_answer,
                an_answer_of_another_provider_is_not_taken,
                an_answer_in_another_browser_is_not_taken,
                an_attempt_that_no_browser_began_is_answered_in_any,
                an_answer_that_comes_too_late_is_not_taken,
                a_code_is_issued_once_and_for_an_answered_attempt_alone,
                of_a_crowd_one_spends_a_code_first,
                of_a_crowd_all_but_the_first_are_told_its_session,
                a_spent_code_tells_its_session_once_that_is_noted,
                what_was_spent_is_read_again_and_nothing_before_that,
                a_session_is_noted_once_and_of_a_spent_code_alone,
                a_link_is_offered_once_and_after_the_code_is_spent_alone,
                a_link_is_taken_once,
                of_a_crowd_one_takes_a_link,
                a_step_that_is_not_committed_can_be_taken_again,
                an_attempt_to_link_is_deleted_with_its_account,
                a_purge_forgets_what_is_long_over_and_no_more_than_asked,
            }
            factors {
                what_is_inserted_is_read_back_to_the_microsecond,
                a_factor_of_another_account_is_none,
                of_a_crowd_one_confirms_a_factor,
                a_step_is_used_once_and_none_before_it,
                of_a_crowd_one_uses_a_step,
                a_factor_is_deleted_once_and_with_its_account,
                recovery_codes_are_replaced_and_each_is_used_once,
                of_a_crowd_one_uses_a_recovery_code,
                a_purge_forgets_what_was_never_confirmed_and_no_more_than_asked,
            }
            pending_sign_ins {
                what_is_inserted_is_read_back_to_the_microsecond,
                an_unknown_token_is_none,
                a_try_is_counted_until_there_is_none_left,
                a_try_comes_in_time_or_not_at_all,
                of_a_crowd_no_more_than_five_try_a_code,
                of_a_crowd_one_ends_it_after_a_try,
                what_has_ended_is_not_tried_and_not_ended_again,
                a_try_that_is_not_committed_is_not_counted,
                a_deleted_account_has_none,
                a_purge_forgets_what_is_long_over_and_no_more_than_asked,
            }

            provider_sessions {
                a_session_there_is_found_by_its_id_and_by_its_subject,
                what_is_another_providers_issuers_or_persons_is_not_found,
                what_has_ended_or_expired_or_is_not_known_is_not_found,
                no_more_are_found_than_asked_in_a_stable_order,
                what_is_known_of_a_session_is_deleted_with_it,
                a_logout_token_is_used_once,
                of_a_crowd_one_uses_a_logout_token,
                a_use_that_is_not_committed_is_none,
                an_end_that_is_noted_means_what_it_names,
                asking_does_not_prolong_an_end,
                a_session_and_its_end_at_once_do_not_miss_each_other,
                a_purge_forgets_expired_tokens_and_no_more_than_asked,
            }

            mail_tokens {
                a_token_is_read_back_to_the_microsecond,
                a_token_is_spent_once_and_only_for_its_purpose,
                of_a_crowd_one_spends_a_token,
                an_expired_token_is_good_for_nothing,
                a_token_replaces_the_one_of_its_slot,
                a_report_keeps_the_time_of_the_one_that_it_replaces,
                a_report_keeps_no_time_of_an_expired_or_of_another_one,
                reports_of_different_addresses_are_kept,
                of_tokens_that_are_issued_at_once_one_is_left,
                tokens_are_revoked_by_account_purpose_and_time,
                a_token_that_is_not_committed_as_spent_is_still_good,
                tokens_are_deleted_with_their_account,
                a_purge_deletes_expired_tokens_and_no_more_than_asked,
            }
            outbox {
                a_mail_is_read_back_to_the_microsecond,
                a_mail_that_is_not_committed_is_not_there,
                a_mail_is_taken_when_it_is_due_and_then_by_nobody_else_for_a_while,
                mails_are_taken_in_the_order_in_which_they_are_due,
                of_a_crowd_each_takes_another_mail,
                whoever_has_taken_a_mail_last_removes_or_postpones_it,
                a_mail_is_deleted_with_its_account,
            }
            guards {
                of_two_admins_who_demote_each_other_one_stays,
                a_crowd_at_a_guard_goes_through_one_by_one,
                guards_of_other_rules_are_taken_apart,
            }
            leases {
                of_a_crowd_one_takes_a_lease,
                a_lease_is_its_holders_until_its_term_ends,
                a_lease_is_prolonged_by_its_holder_alone,
                a_lease_that_is_given_back_is_free_at_once_and_no_other_is,
            }
            work {
                dropped_uncommitted_it_is_rolled_back_and_others_write_at_once,
                a_void_work_is_not_committed,
                cancelled_in_begin_it_leaves_no_lock,
                cancelled_while_waiting_for_its_turn_it_leaves_no_lock,
                cancelled_in_a_statement_it_is_rolled_back_and_others_write_at_once,
                cancelled_in_commit_it_is_finished_and_its_actions_run,
                actions_run_in_order_once_what_was_written_is_there,
                a_panic_in_an_action_keeps_no_other_from_running,
                actions_do_not_run_after_a_rollback,
                a_snapshot_sees_one_moment,
                what_is_not_committed_is_seen_by_nobody_else,
                reading_goes_on_while_another_writes,
                reads_cancelled_at_any_moment_cost_the_store_nothing,
                it_answers_when_asked,
            }
        }
    };
    ($make:ident: $($area:ident { $($claim:ident),* $(,)? })*) => {
        $(mod $area {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $claim() {
                $crate::store::$area::$claim(super::$make().await).await;
            })*
        })*
    };
}

#[cfg(test)]
mod tests {
    const SOURCES: &[(&str, &str)] = &[
        ("attempts", include_str!("attempts.rs")),
        ("audit", include_str!("audit.rs")),
        ("audit_chain", include_str!("audit_chain.rs")),
        ("audit_readers", include_str!("audit_readers.rs")),
        ("authorization_attempts", include_str!("authorization_attempts.rs")),
        ("client_apps", include_str!("client_apps.rs")),
        ("factors", include_str!("factors.rs")),
        ("guards", include_str!("guards.rs")),
        ("identities", include_str!("identities.rs")),
        ("provider_sessions", include_str!("provider_sessions.rs")),
        ("leases", include_str!("leases.rs")),
        ("lists", include_str!("lists.rs")),
        ("providers", include_str!("providers.rs")),
        ("revocations", include_str!("revocations.rs")),
        ("lookups", include_str!("lookups.rs")),
        ("pending_sign_ins", include_str!("pending_sign_ins.rs")),
        ("mail_tokens", include_str!("mail_tokens.rs")),
        ("outbox", include_str!("outbox.rs")),
        ("roles", include_str!("roles.rs")),
        ("sealed_values", include_str!("sealed_values.rs")),
        ("sealing_keys", include_str!("sealing_keys.rs")),
        ("session_states", include_str!("session_states.rs")),
        ("sessions", include_str!("sessions.rs")),
        ("signing_keys", include_str!("signing_keys.rs")),
        ("users", include_str!("users.rs")),
        ("work", include_str!("work.rs")),
    ];

    #[test]
    fn every_claim_has_a_test() {
        let macro_text = include_str!("mod.rs");
        for (area, source) in SOURCES {
            crate::claims::are_tested(macro_text, &format!("            {area} {{\n"), source);
        }
    }
}
