//! Every operation of the table, and what the audit log then contains: exactly its lines, in the same transaction.
mod denied;
mod refused;
mod stage;
mod unrecording;

use crate::world::{CORRELATION, HOME};
use doorward_domain::AuditAction;
use doorward_ports::access::{Operation, Who};
use doorward_ports::outbound::AuditEvent;
use stage::Stage;
use std::collections::BTreeSet;

/// What the audit log gains when an operation succeeds on the [`Stage`].
enum Recorded {
    /// Nothing, because it changes nothing.
    ReadsOnly,
    /// Nothing, although it changes something: `docs/features/audit.md` says why.
    Nothing,
    /// These lines.
    Lines(&'static [AuditAction]),
}

/// An operation without an arm does not compile.
const fn recorded(operation: Operation) -> Recorded {
    use Operation as O;
    use Recorded::{Lines, Nothing, ReadsOnly};
    match operation {
        O::Register => Lines(&[AuditAction::UserRegistered]),
        O::SignIn => Lines(&[AuditAction::SignIn]),
        O::VerifySecondFactor => Lines(&[AuditAction::FactorVerified, AuditAction::SignIn]),
        O::EnrolTotp => Nothing,
        O::ConfirmTotp => {
            Lines(&[AuditAction::FactorAdded, AuditAction::SessionEnded, AuditAction::RecoveryCodesReplaced])
        }
        O::DeleteFactor => Lines(&[AuditAction::FactorRemoved]),
        O::ReplaceRecoveryCodes => Lines(&[AuditAction::RecoveryCodesReplaced]),
        O::ResetUserFactors => Lines(&[AuditAction::FactorsReset]),
        O::ResendVerification => Lines(&[AuditAction::VerificationRequested]),
        O::VerifyEmail => Lines(&[AuditAction::EmailVerified]),
        O::ForgotPassword => Lines(&[AuditAction::PasswordResetRequested]),
        O::ResetPassword => Lines(&[
            AuditAction::IdentityUnlinked,
            AuditAction::EmailVerified,
            AuditAction::SessionEnded,
            AuditAction::SessionEnded,
            AuditAction::PasswordReset,
        ]),
        O::ReportTakeover => {
            Lines(&[AuditAction::SessionEnded, AuditAction::SessionEnded, AuditAction::TakeoverReported])
        }
        O::ChangeOwnEmail => Lines(&[AuditAction::EmailChangeRequested]),
        O::DeliverMails => Nothing,
        O::Reauthenticate => Lines(&[AuditAction::SessionReauthenticated]),
        O::BeginAuthorization | O::OpenAuthorization | O::FinishAuthorization | O::BeginLink => Nothing,
        O::LinkIdentity => Lines(&[AuditAction::IdentityLinked]),
        O::UnlinkIdentity => Lines(&[AuditAction::IdentityUnlinked]),
        O::Refresh | O::SealAuditLog | O::ShipAuditLog | O::RecordSightings | O::Tidy => Nothing,
        O::SignOut | O::RevokeToken | O::EndOwnSession | O::EndOwnOtherSessions | O::EndProviderSessions => {
            Lines(&[AuditAction::SessionEnded])
        }
        O::EndUserSessions => Lines(&[AuditAction::SessionEnded, AuditAction::SessionEnded]),
        O::IssueTokens => Lines(&[AuditAction::ClientTokenIssued]),
        O::ChangeOwnAccount | O::ChangeUser => Lines(&[AuditAction::UserUpdated]),
        O::DeleteOwnAccount | O::DeleteUser => Lines(&[AuditAction::UserDeleted]),
        O::ChangeOwnPassword => Lines(&[AuditAction::SessionEnded, AuditAction::PasswordChanged]),
        O::SetUserPassword => {
            Lines(&[AuditAction::SessionEnded, AuditAction::SessionEnded, AuditAction::PasswordChanged])
        }
        O::CreateUser | O::Bootstrap => Lines(&[AuditAction::UserCreated]),
        O::InviteUser => Lines(&[AuditAction::UserInvited]),
        O::ExportOwnData => Lines(&[AuditAction::DataExported]),
        O::UnlockUser => Lines(&[AuditAction::UserUnlocked]),
        O::GrantRole => Lines(&[AuditAction::RoleGranted]),
        O::RevokeRole => Lines(&[AuditAction::RoleRevoked]),
        O::CreateRole => Lines(&[AuditAction::RoleCreated]),
        O::ChangeRole => Lines(&[AuditAction::RoleUpdated]),
        O::DeleteRole => Lines(&[AuditAction::RoleDeleted]),
        O::GrantPermission => Lines(&[AuditAction::PermissionGranted]),
        O::RevokePermission => Lines(&[AuditAction::PermissionRevoked]),
        O::CreatePermission => Lines(&[AuditAction::PermissionCreated]),
        O::DeletePermission => Lines(&[AuditAction::PermissionDeleted]),
        O::CreateClientApp => Lines(&[AuditAction::ClientAppCreated]),
        O::ChangeClientApp => Lines(&[AuditAction::ClientAppUpdated]),
        O::DeleteClientApp => Lines(&[AuditAction::ClientAppDeleted]),
        O::RotateClientSecret => Lines(&[AuditAction::ClientSecretRotated]),
        O::CreateProvider => Lines(&[AuditAction::ProviderCreated]),
        O::ChangeProvider => Lines(&[AuditAction::ProviderUpdated]),
        O::DeleteProvider => Lines(&[AuditAction::ProviderDeleted]),
        O::ExportAuditEvents => Lines(&[AuditAction::AuditExported]),
        O::PruneAuditLog => Lines(&[AuditAction::AuditPruned]),
        O::RotateKeys => Lines(&[AuditAction::KeyRotated]),
        O::RetireKey => Lines(&[AuditAction::KeyRetired]),
        O::RevokeKey => Lines(&[AuditAction::KeyRevoked]),
        O::RotateSealingKey => Lines(&[AuditAction::SealingKeyRotated, AuditAction::SecretsResealed]),
        O::RetireSealingKey => Lines(&[AuditAction::SealingKeyRetired]),
        O::ListSignInProviders
        | O::ForwardAuthorization
        | O::ListOwnIdentities
        | O::ListOwnFactors
        | O::ListUserFactors
        | O::CheckAccess
        | O::IntrospectToken
        | O::ReadOwnAccount
        | O::ListOwnSessions
        | O::ListOwnActivity
        | O::ListUsers
        | O::ReadUser
        | O::ListUserSessions
        | O::ListRoles
        | O::ReadRole
        | O::ListPermissions
        | O::ListClientApps
        | O::ReadClientApp
        | O::ListProviders
        | O::ReadProvider
        | O::TestProvider
        | O::CheckProviders
        | O::ListAuditEvents
        | O::ReadAuditHead
        | O::VerifyAuditLog
        | O::ReadPublicKeys
        | O::ReadServerMetadata
        | O::ReadOpenapi
        | O::ReadDocs
        | O::ReadHealth
        | O::ReadMetrics
        | O::ReadMailPage
        | O::ListMails
        | O::SendTestMail
        | O::ListKeys
        | O::ListSealingKeys => ReadsOnly,
    }
}

/// Who does it on the [`Stage`].
fn actor(stage: &Stage, operation: Operation) -> String {
    match (operation, operation.requirement().who) {
        (Operation::SignOut, _) => format!("user:{}", stage.ann.id()),
        (Operation::IssueTokens, _) => "client:billing".to_owned(),
        (_, Who::Anybody | Who::Client) => "anonymous".to_owned(),
        (_, Who::Account | Who::AccountOrClientApp) => format!("user:{}", stage.ann.id()),
        (_, Who::Permission(_) | Who::ClientAppOr(_)) => format!("user:{}", stage.admin.id()),
        (_, Who::Operator) => "operator".to_owned(),
    }
}

/// The lines, without their details.
fn told(event: &AuditEvent) -> (&'static str, String, Option<String>, &'static str) {
    let subject = event.subject.as_ref().map(ToString::to_string);
    (event.action.as_str(), event.actor.to_string(), subject, event.outcome.as_str())
}

#[tokio::test]
async fn every_operation_records_what_the_table_says_and_nothing_else() {
    for &operation in Operation::ALL {
        let stage = Stage::set(operation).await;
        // Some answers wait after the act is recorded, so as not to tell by the time whether there is an account.
        let began = stage.world.now();
        let subjects = stage.perform(&stage.world, operation).await.unwrap();
        let lines = stage.world.journal.take();
        let actions = match recorded(operation) {
            Recorded::Lines(actions) => actions,
            Recorded::ReadsOnly | Recorded::Nothing => &[],
        };
        assert_eq!(actions.len(), subjects.len(), "{operation:?}");
        let actor = actor(&stage, operation);
        let line = |(&action, subject): (&AuditAction, &String)| {
            (action.as_str(), actor.clone(), Some(subject.clone()), "success")
        };
        let expected: BTreeSet<_> = actions.iter().zip(&subjects).map(line).collect();
        assert_eq!(lines.iter().map(told).collect::<BTreeSet<_>>(), expected, "{operation:?}");
        assert_eq!(lines.len(), subjects.len(), "{operation:?}");
        // The operator has no address, and nothing personal is left of who has deleted their account.
        let nowhere = actor == "operator" || operation == Operation::DeleteOwnAccount;
        for line in &lines {
            assert_eq!(line.correlation_id.as_str(), CORRELATION);
            assert!((began..=stage.world.now()).contains(&line.occurred_at), "{operation:?}");
            let address = line.personal.address.map(|address| address.to_string());
            assert_eq!(address.as_deref(), (!nowhere).then_some(HOME), "{operation:?}");
        }
    }
}

/// The line is not written, so nothing is changed: what is repeated with a log that works, has its lines as the first time.
#[tokio::test]
async fn nothing_is_done_that_can_not_be_recorded() {
    for &operation in Operation::ALL {
        let stage = Stage::set(operation).await;
        let without_log = unrecording::unrecording(&stage.world);
        let result = stage.perform(&without_log, operation).await.map(drop);
        let records = matches!(recorded(operation), Recorded::Lines(_));
        assert_eq!(result.is_err(), records, "{operation:?}: {result:?}");
        assert_eq!(stage.world.journal.lines(), [], "{operation:?}");
        if records {
            let again = stage.perform(&stage.world, operation).await;
            let subjects = again.unwrap_or_else(|error| panic!("{operation:?} was half done: {error}"));
            assert_eq!(stage.world.journal.lines().len(), subjects.len(), "{operation:?} was half done");
        }
    }
}

/// An action that no operation records would be one of a missing feature, or of a missing line here.
#[test]
fn every_action_is_that_of_an_operation_or_of_a_refusal() {
    let mut known = BTreeSet::new();
    for &operation in Operation::ALL {
        if let Recorded::Lines(actions) = recorded(operation) {
            known.extend(actions.iter().map(|action| action.as_str()));
        }
    }
    let missing: Vec<_> =
        AuditAction::ALL.iter().map(|action| action.as_str()).filter(|name| !known.contains(name)).collect();
    // Some are other outcomes of a change of the same thing, or of the same token; the rest are refusals.
    let elsewhere = [
        "user.disabled",
        "user.enabled",
        "user.invitation_accepted",
        "user.email_changed",
        "session.challenged",
        "session.sign_in_locked",
        "session.refresh_reused",
        "client_app.disabled",
        "client_app.enabled",
        "client_app.authenticated",
        "access.denied",
        "factor.locked",
        "provider.disabled",
        "provider.enabled",
    ];
    assert_eq!(missing, elsewhere);
}

#[test]
fn the_documentation_lists_every_action_and_every_change_without_a_line() {
    let page = include_str!("../../../../../docs/features/audit.md");
    for action in AuditAction::ALL {
        assert!(page.contains(&format!("| `{action}` |")), "{action} is not in the table of actions");
    }
    for operation in Operation::ALL.iter().filter(|operation| matches!(recorded(**operation), Recorded::Nothing)) {
        assert!(page.contains(&format!("- `{}`: ", operation.as_str())), "{operation:?} is not said to have no line");
    }
}
