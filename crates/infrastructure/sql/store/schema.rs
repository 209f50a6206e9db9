//! The tables, as the migrations create them on both databases.
use crate::backend::{IdSql, JsonSql, TimeSql};

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::{IdSql, TimeSql};

    users (id) {
        id -> IdSql,
        email -> Text,
        email_verified -> Bool,
        username -> Nullable<Text>,
        full_name -> Nullable<Text>,
        locale -> Nullable<Text>,
        is_active -> Bool,
        external_id -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        last_sign_in_at -> Nullable<TimeSql>,
        version -> BigInt,
        must_change_password -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::TimeSql;

    roles (name) {
        name -> Text,
        description -> Nullable<Text>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::TimeSql;

    permissions (name) {
        name -> Text,
        description -> Nullable<Text>,
        created_at -> TimeSql,
    }
}

diesel::table! {
    role_permissions (role_name, permission_name) {
        role_name -> Text,
        permission_name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::{IdSql, TimeSql};

    user_roles (user_id, role_name) {
        user_id -> IdSql,
        role_name -> Text,
        granted_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::TimeSql;

    leases (name) {
        name -> Text,
        holder -> Text,
        held_until -> TimeSql,
    }
}

diesel::table! {
    guards (name) {
        name -> Text,
        n -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::{IdSql, TimeSql};

    sessions (id) {
        id -> IdSql,
        user_id -> IdSql,
        client_id -> Text,
        authentications -> Text,
        device -> Text,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> TimeSql,
        last_seen_at -> TimeSql,
        generation -> BigInt,
        refresh_token -> IdSql,
        refresh_issued_at -> TimeSql,
        expires_at -> TimeSql,
        idle_ends_at -> Nullable<TimeSql>,
        previous_token -> Nullable<IdSql>,
        previous_spent_at -> Nullable<TimeSql>,
        ended_at -> Nullable<TimeSql>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::{IdSql, TimeSql};

    sign_in_attempts (account, scope) {
        account -> IdSql,
        scope -> Text,
        failures -> BigInt,
        window_started_at -> TimeSql,
        locked_until -> Nullable<TimeSql>,
        level -> BigInt,
        touched_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::{IdSql, TimeSql};

    known_networks (user_id, network) {
        user_id -> IdSql,
        network -> Text,
        last_seen_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::{IdSql, TimeSql};

    audit_events (id) {
        id -> IdSql,
        occurred_at -> TimeSql,
        actor -> Text,
        action -> Text,
        subject -> Nullable<Text>,
        account_id -> Nullable<IdSql>,
        outcome -> Text,
        correlation_id -> Text,
        details -> Text,
        seq -> Nullable<BigInt>,
        link -> Nullable<Binary>,
        personal_digest -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::IdSql;

    audit_personal_details (event_id) {
        event_id -> IdSql,
        account_id -> Nullable<IdSql>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        salt -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use super::TimeSql;

    audit_readers (name) {
        name -> Text,
        seq -> BigInt,
        moved_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use super::TimeSql;

    audit_seals (last_seq) {
        last_seq -> BigInt,
        first_seq -> BigInt,
        link -> Binary,
        sealed_at -> TimeSql,
        key_id -> Text,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use super::TimeSql;

    audit_anchors (last_seq) {
        last_seq -> BigInt,
        link -> Binary,
        pruned_at -> TimeSql,
        key_id -> Text,
        signature -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use super::TimeSql;

    audit_keys (id) {
        id -> Text,
        created_at -> TimeSql,
        public_key -> Binary,
        sealed_private -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::{JsonSql, TimeSql};

    signing_keys (id) {
        id -> Text,
        algorithm -> Text,
        created_at -> TimeSql,
        signs_from -> TimeSql,
        retired_at -> Nullable<TimeSql>,
        revoked_at -> Nullable<TimeSql>,
        public_jwk -> JsonSql,
        sealed_private -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::TimeSql;

    sealing_keys (id) {
        id -> Text,
        created_at -> TimeSql,
        seals_from -> Nullable<TimeSql>,
        completed_at -> Nullable<TimeSql>,
        retired_at -> Nullable<TimeSql>,
        wrapped_by -> Nullable<Text>,
        wrapped_key -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use super::TimeSql;

    sealing_nodes (node) {
        node -> Text,
        seen_at -> TimeSql,
        current_key -> Text,
        asked_key -> Nullable<Text>,
        knows -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::{IdSql, TimeSql};

    invalidations (seq) {
        seq -> BigInt,
        kind -> Text,
        subject_id -> Nullable<IdSql>,
        written_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use super::{IdSql, JsonSql, TimeSql};

    client_apps (id) {
        id -> Text,
        name -> Text,
        kind -> Text,
        secret_digest -> Nullable<Text>,
        redirect_uris -> JsonSql,
        origins -> JsonSql,
        is_active -> Bool,
        grant_id -> IdSql,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text};
    use super::{JsonSql, TimeSql};

    providers (name) {
        name -> Text,
        kind -> Text,
        preset -> Nullable<Text>,
        display_name -> Text,
        icon -> Nullable<Text>,
        issuer -> Text,
        client_id -> Text,
        team_id -> Nullable<Text>,
        key_id -> Nullable<Text>,
        scopes -> JsonSql,
        claim_map -> JsonSql,
        registration -> Bool,
        linking -> Text,
        email_domains -> JsonSql,
        tenants -> JsonSql,
        hosted_domain -> Nullable<Text>,
        roles -> JsonSql,
        roles_may_give_admin -> Bool,
        enabled -> Bool,
        position -> BigInt,
        sync_profile -> Bool,
        sealed_secret -> Nullable<Binary>,
        created_at -> TimeSql,
        updated_at -> TimeSql,
        version -> BigInt,
    }
}

diesel::table! {
    client_app_roles (client_id, role_name) {
        client_id -> Text,
        role_name -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::{IdSql, TimeSql};

    identities (id) {
        id -> IdSql,
        user_id -> IdSql,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        linked_at -> TimeSql,
        last_used_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use super::{IdSql, TimeSql};

    authorization_attempts (id) {
        id -> IdSql,
        provider -> Text,
        link_user_id -> Nullable<IdSql>,
        client_id -> Text,
        redirect_uri -> Text,
        client_state -> Nullable<Text>,
        challenge -> Text,
        begun_at -> TimeSql,
        state_digest -> Text,
        browser_digest -> Nullable<Text>,
        sealed_verifier -> Binary,
        answered_at -> Nullable<TimeSql>,
        sealed_identity -> Nullable<Binary>,
        code_digest -> Nullable<Text>,
        code_issued_at -> Nullable<TimeSql>,
        code_spent_at -> Nullable<TimeSql>,
        session_id -> Nullable<IdSql>,
        link_digest -> Nullable<Text>,
        link_offered_at -> Nullable<TimeSql>,
        link_taken_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use super::{IdSql, TimeSql};

    factors (id) {
        id -> IdSql,
        user_id -> IdSql,
        kind -> Text,
        name -> Text,
        created_at -> TimeSql,
        confirmed_at -> Nullable<TimeSql>,
        last_used_at -> Nullable<TimeSql>,
        sealed_seed -> Binary,
        last_step -> Nullable<BigInt>,
        drift -> BigInt,
        failures -> BigInt,
        window_started_at -> TimeSql,
        locked_until -> Nullable<TimeSql>,
        level -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::{IdSql, TimeSql};

    recovery_codes (user_id, digest) {
        user_id -> IdSql,
        digest -> Text,
        created_at -> TimeSql,
        used_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use super::{IdSql, TimeSql};

    pending_sign_ins (id) {
        id -> IdSql,
        user_id -> IdSql,
        client_id -> Text,
        authentications -> Text,
        attempt_id -> Nullable<IdSql>,
        token_digest -> Text,
        begun_at -> TimeSql,
        tries -> BigInt,
        ended_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::IdSql;

    provider_sessions (session_id) {
        session_id -> IdSql,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        sid_digest -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Text};
    use super::{IdSql, TimeSql};

    outbox (id) {
        id -> IdSql,
        user_id -> IdSql,
        kind -> Text,
        sealed_content -> Binary,
        created_at -> TimeSql,
        expires_at -> TimeSql,
        claimed_until -> TimeSql,
        attempts -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Nullable, Text};
    use super::TimeSql;

    logout_tokens (digest) {
        digest -> Text,
        expires_at -> TimeSql,
        ended_at -> Nullable<TimeSql>,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use super::{IdSql, TimeSql};

    mail_tokens (user_id, slot) {
        user_id -> IdSql,
        slot -> Text,
        purpose -> Text,
        email -> Text,
        digest -> Text,
        issued_at -> TimeSql,
        expires_at -> TimeSql,
    }
}

diesel::table! {
    use diesel::sql_types::{Bool, Text};
    use super::IdSql;

    search_keys (user_id, key) {
        user_id -> IdSql,
        key -> Text,
        previous -> Text,
        is_active -> Bool,
    }
}

diesel::joinable!(search_keys -> users (user_id));
diesel::joinable!(user_roles -> users (user_id));
diesel::joinable!(user_roles -> roles (role_name));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(provider_sessions -> sessions (session_id));
diesel::allow_tables_to_appear_in_same_query!(users, roles, user_roles, role_permissions, sessions, search_keys);
diesel::allow_tables_to_appear_in_same_query!(provider_sessions, sessions);
diesel::allow_tables_to_appear_in_same_query!(audit_events, audit_personal_details);
