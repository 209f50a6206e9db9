//! What operations need to succeed, and each operation once.
use crate::keys::nodes::node;
use crate::provider_registry::new_provider;
use crate::providers::{At, Begun, verifier};
use crate::sealing::rotated;
use crate::world::{
    HOME, MICROSECOND, OTHER_PASSWORD, PASSWORD, Person, SECOND, World, account, by_password, from, operator, origin,
    permission, registration, role, secret, typed,
};
use doorward_domain::{Client, FactorId, IdentityId, KeyId, KeyState, MailTokenPurpose, SecondFactor};
use doorward_ports::access::Operation;
use doorward_ports::inbound::{
    AccountChange, Admitted, AuditQuery, AuditShipping, Begins, Binding, Change, ClientAppChange, ClientApps,
    ClientCredentials, ClientTokens, FactorProof, Identification, LinkProof, MailDelivery, MailRequest,
    MfaVerification, NewAccount, NewClientApp, OwnerMails, PasswordChange, PasswordReset, ProfileChange,
    ProviderChange, ProviderRegistry, Registered, RoleChange, SecondFactors, TokenPair, UserQuery, WithSecret,
};

use doorward_ports::{Caller, Limit, Result, Secret};
use doorward_testkit::authenticator::{Authenticator, STEP};
use doorward_testkit::scripted_provider::{ScriptedProvider, a_proven_identity};
use std::sync::Arc;

pub struct Stage {
    pub world: World,
    /// An administrator, and somebody with two sessions, a role and a wrong password.
    pub admin: Person,
    pub ann: Person,
    pub second: Person,
    app: WithSecret,
    provider: Arc<ScriptedProvider>,
    /// A sign-in with a provider that has begun.
    begun: Begun,
    /// What proves an identity to ann, and one that she has.
    proof: LinkProof,
    linked: IdentityId,
    /// The second factor of ann, for operations about it.
    factor: Option<Owned>,
    /// A session that this identity has begun, if the operation ends it.
    there: Option<TokenPair>,
}

pub fn app(id: &str) -> NewClientApp {
    NewClientApp {
        id: Some(id.to_owned()),
        name: "Billing".to_owned(),
        kind: "confidential".to_owned(),
        redirect_uris: Vec::new(),
        origins: Vec::new(),
        roles: vec!["sales".to_owned()],
    }
}

impl Stage {
    pub async fn set(operation: Operation) -> Self {
        let At { world, provider } = At::with(&node(&World::new().await), |_| {});
        world.sealing().prepare(&operator()).await.unwrap();
        world.keys().prepare(&operator()).await.unwrap();
        // One key that has retired, one that signs, and one that will.
        world.keys().rotate(&operator(), Begins::AtOnce).await.unwrap();
        world.advance(3 * SECOND);
        world.keys().rotate(&operator(), Begins::Published).await.unwrap();
        world.keys().load(&operator()).await.unwrap();
        let roles = world.roles();
        roles.create_permission(&operator(), permission("reports:read")).await.unwrap();
        roles.create(&operator(), role("support", &["reports:read"])).await.unwrap();
        roles.create(&operator(), role("sales", &[])).await.unwrap();
        let admin = world.admin("eve").await;
        let ann = world.person_with_roles("ann", &["sales"]).await;
        let second = world.session_of("ann").await;
        let apps: &dyn ClientApps = &*world.services;
        let app = apps.create(&operator(), app("billing")).await.unwrap();
        ProviderRegistry::create(&*world.services, &operator(), new_provider("work")).await.unwrap();
        if operation == Operation::UnlockUser {
            world.fail(1, HOME, "ann").await;
        }
        let at = At { world: world.clone(), provider: provider.clone() };
        let begun = at.begin(1, Binding::Unbound).await;
        let first = at.walked(&ann.caller, 2, a_proven_identity("ann-there", None)).await;
        let linked = at.identities().link(&ann.caller, first).await.unwrap().id;
        let proof = at.walked(&ann.caller, 3, a_proven_identity("ann-elsewhere", None)).await;
        let factor = Owned::by(&world, &ann, operation).await;
        let there = match operation {
            Operation::EndProviderSessions => Some(at.session_of("ann-there").await),
            _ => None,
        };
        world.advance(MICROSECOND);
        Self::with_mails(&world, &ann, operation).await;
        if operation == Operation::InviteUser {
            world.add(NewAccount { password: None, ..account("invited") }).await;
        }
        world.audit_log().seal(&operator()).await.unwrap();
        world.advance(MICROSECOND);
        if operation == Operation::RetireSealingKey {
            rotated(&world).await.unwrap();
        }
        let world = if operation == Operation::Bootstrap { World::new().await } else { world };
        world.journal.take();
        Self { world, admin, ann, second, app, provider, begun, proof, linked, factor, there }
    }

    /// Does it, and returns the subjects of its lines.
    pub async fn perform(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        use Operation as O;
        let (user, session) = (format!("user:{}", self.ann.id()), format!("session:{}", self.ann.tokens.session));
        let second = format!("session:{}", self.second.tokens.session);
        let (accounts, sessions, own) = (world.accounts(), world.sessions(), &self.ann.caller);
        Ok(match operation {
            O::Register => match accounts.register(&from(HOME), registration("bob")).await? {
                Registered::Created(bob) => vec![format!("user:{}", bob.id)],
                Registered::Accepted => panic!("it hides nothing"),
            },
            O::SignIn => world.auth().sign_in(&from(HOME), typed("ann", PASSWORD)).await.map(|_| vec![user])?,
            O::Reauthenticate => {
                world.auth().reauthenticate(own, by_password(PASSWORD)).await.map(|_| vec![session])?
            }
            O::Refresh => world.refresh(&self.ann.tokens).await.map(|_| vec![])?,
            O::SignOut => world.auth().sign_out(own, None).await.map(|()| vec![session])?,
            O::CheckAccess => world.auth().check_access(own, &[]).await.map(|_| vec![])?,
            O::ReadOwnAccount => accounts.own(own).await.map(|_| vec![])?,
            O::ChangeOwnAccount => accounts.change_own(own, profile("Ann"), None).await.map(|_| vec![user])?,
            O::ExportOwnData => accounts.export_own(own).await.map(|_| vec![user])?,
            O::DeleteOwnAccount => accounts.delete_own(own).await.map(|()| vec![user])?,
            O::ChangeOwnPassword => {
                let change = PasswordChange { current: secret(PASSWORD), new: secret(OTHER_PASSWORD) };
                accounts.change_own_password(own, change).await.map(|()| vec![second, user])?
            }
            O::ListOwnSessions => sessions.own(own, None, Limit::default()).await.map(|_| vec![])?,
            O::EndOwnSession => sessions.end_own(own, self.second.tokens.session).await.map(|()| vec![second])?,
            O::EndOwnOtherSessions => sessions.end_own_others(own).await.map(|()| vec![second])?,
            O::ListOwnActivity => world.trail().own(own, None, Limit::default()).await.map(|_| vec![])?,
            O::ListSignInProviders
            | O::BeginAuthorization
            | O::OpenAuthorization
            | O::FinishAuthorization
            | O::ForwardAuthorization
            | O::EndProviderSessions
            | O::ListOwnIdentities
            | O::BeginLink
            | O::LinkIdentity
            | O::UnlinkIdentity => self.with_a_provider(world, operation).await?,
            O::VerifySecondFactor
            | O::ListOwnFactors
            | O::EnrolTotp
            | O::ConfirmTotp
            | O::DeleteFactor
            | O::ReplaceRecoveryCodes
            | O::ResetUserFactors
            | O::ListUserFactors => self.with_a_factor(world, operation).await?,
            O::ResendVerification
            | O::VerifyEmail
            | O::ForgotPassword
            | O::ResetPassword
            | O::ReportTakeover
            | O::ChangeOwnEmail
            | O::DeliverMails
            | O::ListMails
            | O::SendTestMail => self.by_mail(world, operation).await?,
            O::IssueTokens | O::IntrospectToken | O::RevokeToken => self.as_client(world, operation).await?,
            _ => self.administer(world, operation).await?,
        })
    }

    /// The client app, by a token of its own.
    pub async fn as_app(&self) -> Caller {
        let tokens: &dyn ClientTokens = &*self.world.services;
        let shown = ClientCredentials { id: "billing".into(), secret: self.app.secret.clone() };
        let admitted = self.world.admit(HOME, Identification::Client(&shown), Operation::IssueTokens).await.unwrap();
        let client = admitted.client.expect("it has authenticated");
        let token = tokens.issue_to_client(&admitted.caller, client, None).await.unwrap().access_token;
        let caller = self.world.identify_by(token.expose()).await.unwrap();
        Caller { origin: origin(HOME), ..caller }
    }

    async fn with_a_provider(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        use Operation as O;
        let at = At { world: world.clone(), provider: self.provider.clone() };
        let (own, user) = (&self.ann.caller, format!("user:{}", self.ann.id()));
        let asked = At::asked(&verifier(9));
        Ok(match operation {
            O::ListSignInProviders => at.providers().offered(&from(HOME)).await.map(|_| vec![])?,
            O::BeginAuthorization => {
                at.providers().begin(&from(HOME), asked, Binding::Unbound).await.map(|_| vec![])?
            }
            O::OpenAuthorization => {
                at.providers().begin(&from(HOME), asked, Binding::Browser(None)).await.map(|_| vec![])?
            }
            O::FinishAuthorization => {
                self.provider.answer("the code", Ok(a_proven_identity("somebody", None)));
                at.answer(&self.begun, "the code").await.map(|_| vec![])?
            }
            O::EndProviderSessions => {
                at.log_out("token", Some("ann-there"), Some("session of ann-there")).await?;
                let ended = self.there.as_ref().expect("it has begun").session;
                vec![format!("session:{ended}")]
            }
            O::ListOwnIdentities => at.identities().own(own).await.map(|_| vec![])?,
            O::BeginLink => at.begin_link(own, &verifier(9)).await.map(|_| vec![])?,
            O::LinkIdentity => at.identities().link(own, self.proof.clone()).await.map(|_| vec![user])?,
            O::UnlinkIdentity => at.identities().unlink(own, self.linked).await.map(|()| vec![user])?,
            // The front end sends the browser on, and asks no port.
            _ => vec![],
        })
    }

    async fn with_a_factor(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        use Operation as O;
        let factors: &dyn SecondFactors = &*world.services;
        let (own, user) = (&self.ann.caller, format!("user:{}", self.ann.id()));
        let factor = || self.factor.as_ref().expect("the stage has one for this operation");
        let code = || factor().authenticator.code(world.now());
        Ok(match operation {
            O::VerifySecondFactor => {
                let mfa_token = factor().mfa_token.clone().expect("a sign-in waits for it");
                let proof = FactorProof { method: SecondFactor::Totp, factor: None, code: secret(&code()) };
                let verification = MfaVerification { mfa_token, proof };
                factors.verify(&from(HOME), verification).await.map(|_| vec![user.clone(), user])?
            }
            O::ListOwnFactors => factors.own(own).await.map(|_| vec![])?,
            O::EnrolTotp => factors.enrol_totp(own, None).await.map(|_| vec![])?,
            O::ConfirmTotp => {
                let second = format!("session:{}", self.second.tokens.session);
                let confirmed = factors.confirm_totp(own, factor().id, secret(&code())).await;
                confirmed.map(|_| vec![user.clone(), second, user])?
            }
            O::DeleteFactor => factors.delete_own(own, factor().id).await.map(|()| vec![user])?,
            O::ReplaceRecoveryCodes => factors.replace_recovery_codes(own).await.map(|_| vec![user])?,
            O::ResetUserFactors => factors.reset(&self.admin.caller, self.ann.id()).await.map(|()| vec![user])?,
            _ => factors.of_user(&operator(), self.ann.id()).await.map(|_| vec![])?,
        })
    }

    async fn by_mail(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        use Operation as O;
        let (mails, user) = (&*world.services, format!("user:{}", self.ann.id()));
        let (anybody, asked) = (from(HOME), |name: &str| MailRequest { email: format!("{name}@example.com").into() });
        let token = |purpose| self.world.mailbox.token(&self.ann.user.email, purpose).expect("it was sent");
        Ok(match operation {
            O::ResendVerification => mails.resend_verification(&anybody, asked("ann")).await.map(|()| vec![user])?,
            O::VerifyEmail => {
                mails.verify_email(&anybody, token(MailTokenPurpose::VerifyEmail)).await.map(|()| vec![user])?
            }
            O::ForgotPassword => mails.forgot_password(&anybody, asked("ann")).await.map(|()| vec![user])?,
            O::ResetPassword => {
                let token = token(MailTokenPurpose::ResetPassword);
                mails.reset_password(&anybody, PasswordReset { token, password: secret(OTHER_PASSWORD) }).await?;
                let ended = [&self.second, &self.ann].map(|person| format!("session:{}", person.tokens.session));
                [user.clone(), user.clone()].into_iter().chain(ended).chain([user]).collect()
            }
            O::ReportTakeover => {
                mails.report_takeover(&anybody, token(MailTokenPurpose::ReportTakeover)).await?;
                let ended = [&self.second, &self.ann].map(|person| format!("session:{}", person.tokens.session));
                ended.into_iter().chain([user]).collect()
            }
            O::ChangeOwnEmail => {
                mails.change_own_email(&self.ann.caller, asked("ann.smith")).await.map(|()| vec![user])?
            }
            O::DeliverMails => mails.deliver(&operator()).await.map(|_| vec![])?,
            O::ListMails => mails.outbox(&operator(), 10).await.map(|_| vec![])?,
            _ => mails.send_test(&operator(), "ann@example.com").await.map(|()| vec![])?,
        })
    }

    /// The mails that the operation needs.
    async fn with_mails(world: &World, ann: &Person, operation: Operation) {
        let mails = &*world.services;
        let asked = |name: &str| MailRequest { email: format!("{name}@example.com").into() };
        if matches!(operation, Operation::ResendVerification | Operation::VerifyEmail | Operation::ResetPassword) {
            let unproved = AccountChange { email_verified: Some(false), ..AccountChange::default() };
            world.accounts().change(&operator(), ann.id(), unproved, None).await.unwrap();
        }
        match operation {
            Operation::VerifyEmail => mails.resend_verification(&from(HOME), asked("ann")).await.unwrap(),
            Operation::ResetPassword => mails.forgot_password(&from(HOME), asked("ann")).await.unwrap(),
            Operation::ReportTakeover => mails.change_own_email(&ann.caller, asked("ann.smith")).await.unwrap(),
            _ => return,
        }
        mails.deliver(&operator()).await.unwrap();
    }

    async fn as_client(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        let tokens: &dyn ClientTokens = &*world.services;
        match operation {
            Operation::IssueTokens => {
                let shown = ClientCredentials { id: "billing".into(), secret: self.app.secret.clone() };
                let Admitted { caller, client } = world.admit(HOME, Identification::Client(&shown), operation).await?;
                tokens.issue_to_client(&caller, client.expect("it has authenticated"), None).await?;
                Ok(vec!["client_app:billing".to_owned()])
            }
            Operation::IntrospectToken => {
                let token = self.ann.tokens.access_token.clone();
                tokens.introspect(&self.admin.caller, token).await.map(|_| vec![])
            }
            _ => {
                let token = self.ann.tokens.refresh_token.clone();
                tokens.revoke(&from(HOME), &Client::doorward(), token).await?;
                Ok(vec![format!("session:{}", self.ann.tokens.session)])
            }
        }
    }

    async fn administer(&self, world: &World, operation: Operation) -> Result<Vec<String>> {
        use Operation as O;
        let (by, id, user) = (&self.admin.caller, self.ann.id(), format!("user:{}", self.ann.id()));
        let ended = [&self.second, &self.ann].map(|person| format!("session:{}", person.tokens.session));
        let (accounts, sessions) = (world.accounts(), world.sessions());
        Ok(match operation {
            O::ListUsers => accounts.list(by, UserQuery::default()).await.map(|_| vec![])?,
            O::ReadUser => accounts.get(by, id).await.map(|_| vec![])?,
            O::CreateUser => vec![format!("user:{}", accounts.create(by, account("bob")).await?.id)],
            O::ChangeUser => {
                let change = AccountChange { profile: profile("Ann"), ..AccountChange::default() };
                accounts.change(by, id, change, None).await.map(|_| vec![user])?
            }
            O::DeleteUser => accounts.delete(by, id).await.map(|()| vec![user])?,
            O::SetUserPassword => {
                accounts.set_password(by, id, secret(OTHER_PASSWORD)).await?;
                ended.into_iter().chain([user]).collect()
            }
            O::InviteUser => {
                let id = world.accounts().find(&operator(), "invited").await?.id;
                accounts.invite(by, id).await.map(|()| vec![format!("user:{id}")])?
            }
            O::UnlockUser => accounts.unlock(by, id).await.map(|()| vec![user])?,
            O::GrantRole => accounts.grant_role(by, id, "support").await.map(|_| vec![user])?,
            O::RevokeRole => accounts.revoke_role(by, id, "sales").await.map(|_| vec![user])?,
            O::ListUserSessions => sessions.of_user(by, id, None, Limit::default()).await.map(|_| vec![])?,
            O::EndUserSessions => sessions.end_of_user(by, id).await.map(|()| ended.into())?,
            O::ListRoles
            | O::ReadRole
            | O::CreateRole
            | O::ChangeRole
            | O::DeleteRole
            | O::GrantPermission
            | O::RevokePermission
            | O::ListPermissions
            | O::CreatePermission
            | O::DeletePermission => roles(world, by, operation).await?,
            O::ListClientApps
            | O::ReadClientApp
            | O::CreateClientApp
            | O::ChangeClientApp
            | O::DeleteClientApp
            | O::RotateClientSecret => client_apps(world, by, operation).await?,
            O::ListSealingKeys | O::RotateSealingKey | O::RetireSealingKey => sealing(world, operation).await?,
            O::ListProviders
            | O::ReadProvider
            | O::CreateProvider
            | O::ChangeProvider
            | O::DeleteProvider
            | O::TestProvider
            | O::CheckProviders => providers(world, by, operation).await?,
            O::ListKeys | O::RotateKeys | O::RetireKey | O::RevokeKey => keys(world, operation).await?,
            _ => system(world, by, operation).await?,
        })
    }
}

/// A second factor, with what it takes to use it.
struct Owned {
    id: FactorId,
    authenticator: Authenticator,
    /// Of a sign-in that waits for it.
    mfa_token: Option<Secret>,
}

impl Owned {
    /// Of this person, confirmed or not yet, if the operation is about one.
    async fn by(world: &World, person: &Person, operation: Operation) -> Option<Self> {
        use Operation as O;
        let about =
            [O::ConfirmTotp, O::DeleteFactor, O::ReplaceRecoveryCodes, O::ResetUserFactors, O::VerifySecondFactor];
        if !about.contains(&operation) {
            return None;
        }
        let factors: &dyn SecondFactors = &*world.services;
        let enrolled = factors.enrol_totp(&person.caller, None).await.unwrap();
        let authenticator = Authenticator::with(enrolled.secret.expose());
        let (id, mut mfa_token) = (enrolled.factor.id, None);
        if operation != O::ConfirmTotp {
            let code = secret(&authenticator.code(world.now()));
            factors.confirm_totp(&person.caller, id, code).await.unwrap();
        }
        if operation == O::VerifySecondFactor {
            world.advance(STEP);
            let refused = world.auth().sign_in(&from(HOME), typed("ann", PASSWORD)).await.unwrap_err();
            mfa_token = refused.mfa.map(|mfa| mfa.mfa_token);
        }
        Some(Self { id, authenticator, mfa_token })
    }
}

fn profile(name: &str) -> ProfileChange {
    ProfileChange { full_name: Change::Set(name.into()), ..ProfileChange::default() }
}

async fn roles(world: &World, by: &Caller, operation: Operation) -> Result<Vec<String>> {
    use Operation as O;
    let (roles, limit) = (world.roles(), Limit::default());
    let (support, reports) = ("role:support".to_owned(), "permission:reports:read".to_owned());
    Ok(match operation {
        O::ListRoles => roles.list(by, None, limit).await.map(|_| vec![])?,
        O::ReadRole => roles.get(by, "support").await.map(|_| vec![])?,
        O::CreateRole => {
            roles.create(by, role("writers", &["users:write"])).await?;
            vec!["role:writers".to_owned()]
        }
        O::ChangeRole => {
            let change = RoleChange { description: Change::Set("Answers mail.".to_owned()) };
            roles.change(by, "support", change, None).await.map(|_| vec![support])?
        }
        O::DeleteRole => roles.delete(by, "support").await.map(|()| vec![support])?,
        O::GrantPermission => roles.grant_permission(by, "support", "users:read").await.map(|_| vec![support])?,
        O::RevokePermission => roles.revoke_permission(by, "support", "reports:read").await.map(|_| vec![support])?,
        O::ListPermissions => roles.list_permissions(by, None, limit).await.map(|_| vec![])?,
        O::CreatePermission => {
            roles.create_permission(by, permission("reports:write")).await?;
            vec!["permission:reports:write".to_owned()]
        }
        O::DeletePermission => roles.delete_permission(by, "reports:read").await.map(|()| vec![reports])?,
        _ => unreachable!("{operation:?} is none of roles"),
    })
}

async fn client_apps(world: &World, by: &Caller, operation: Operation) -> Result<Vec<String>> {
    use Operation as O;
    let apps: &dyn ClientApps = &*world.services;
    let billing = "client_app:billing".to_owned();
    Ok(match operation {
        O::ListClientApps => apps.list(by, None, Limit::default()).await.map(|_| vec![])?,
        O::ReadClientApp => apps.get(by, "billing").await.map(|_| vec![])?,
        O::CreateClientApp => {
            apps.create(by, app("accounting")).await.map(|_| vec!["client_app:accounting".to_owned()])?
        }
        O::ChangeClientApp => {
            let change = ClientAppChange { name: Some("Accounting".to_owned()), ..ClientAppChange::default() };
            apps.change(by, "billing", change, None).await.map(|_| vec![billing])?
        }
        O::DeleteClientApp => apps.delete(by, "billing").await.map(|()| vec![billing])?,
        O::RotateClientSecret => apps.rotate_secret(by, "billing").await.map(|_| vec![billing])?,
        _ => unreachable!("{operation:?} is none of client apps"),
    })
}

async fn providers(world: &World, by: &Caller, operation: Operation) -> Result<Vec<String>> {
    use Operation as O;
    let registry: &dyn ProviderRegistry = &*world.services;
    let work = || vec!["provider:work".to_owned()];
    Ok(match operation {
        O::ListProviders => registry.list(by, None, Limit::default()).await.map(|_| vec![])?,
        O::ReadProvider => registry.get(by, "work").await.map(|_| vec![])?,
        O::CreateProvider => {
            registry.create(by, new_provider("home")).await.map(|_| vec!["provider:home".to_owned()])?
        }
        O::ChangeProvider => {
            let change = ProviderChange { position: Some(7), ..ProviderChange::default() };
            registry.change(by, "work", change, None).await.map(|_| work())?
        }
        O::DeleteProvider => registry.delete(by, "work", false).await.map(|()| work())?,
        O::TestProvider => registry.test(by, "work").await.map(|_| vec![])?,
        _ => registry.check(&operator()).await.map(|()| vec![])?,
    })
}

async fn keys(world: &World, operation: Operation) -> Result<Vec<String>> {
    let keys = world.keys();
    let all = keys.list(&operator()).await?;
    let of = |state: KeyState| -> &KeyId {
        &all.iter().find(|key| key.state == state).expect("there is one of each").record.id
    };
    let name = match operation {
        Operation::ListKeys => return Ok(vec![]),
        Operation::RotateKeys => keys.rotate(&operator(), Begins::Published).await?.record.id,
        Operation::RetireKey => keys.retire(&operator(), of(KeyState::Upcoming).as_str()).await?.record.id,
        _ => keys.revoke(&operator(), of(KeyState::Retired).as_str()).await?.key.record.id,
    };
    Ok(vec![format!("key:{name}")])
}

async fn sealing(world: &World, operation: Operation) -> Result<Vec<String>> {
    let status = world.sealing().status(&operator()).await?;
    if operation == Operation::ListSealingKeys {
        return Ok(vec![]);
    }
    if operation == Operation::RetireSealingKey {
        let id = status.keys[0].record.id;
        world.sealing().retire(&operator(), &id.to_string()).await?;
        return Ok(vec![format!("sealing_key:{id}")]);
    }
    let key = format!("sealing_key:{}", rotated(world).await?.key);
    Ok(vec![key.clone(), key])
}

async fn system(world: &World, by: &Caller, operation: Operation) -> Result<Vec<String>> {
    use Operation as O;
    let (system, trail, log) = (world.system(), world.trail(), world.audit_log());
    let shipping: &dyn AuditShipping = &*world.services;
    let the_log = || vec!["audit_log".to_owned()];
    Ok(match operation {
        O::ListAuditEvents => trail.list(by, AuditQuery::default(), None, Limit::default()).await.map(|_| vec![])?,
        O::ExportAuditEvents => trail.export(by, AuditQuery::default()).await.map(|_| the_log())?,
        O::ReadAuditHead => log.head(by).await.map(|_| vec![])?,
        O::VerifyAuditLog => log.verify(by, None, &|_| ()).await.map(|_| vec![])?,
        O::SealAuditLog => log.seal(&operator()).await.map(|_| vec![])?,
        O::ShipAuditLog => shipping.ship(&operator()).await.map(|_| vec![])?,
        O::PruneAuditLog => log.prune(&operator(), &world.now().to_string()).await.map(|_| the_log())?,
        O::ReadHealth => system.health(by).await.map(|_| vec![])?,
        O::ReadMetrics => system.metrics(by).map(|_| vec![])?,
        O::RecordSightings => system.record_sightings(&operator()).await.map(|_| vec![])?,
        O::Tidy => system.tidy(&operator()).await.map(|_| vec![])?,
        O::Bootstrap => {
            system.bootstrap(&operator(), "root@example.com", None).await?;
            vec![format!("user:{}", world.accounts().find(&operator(), "root@example.com").await?.id)]
        }
        // They are texts of the program, or of its memory.
        _ => {
            let _ = (system.public_keys(), system.issuer());
            vec![]
        }
    })
}
