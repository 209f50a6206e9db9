use doorward_ports::Limit;
use doorward_ports::inbound::{ProviderRegistry, ProviderSource, RegisteredProvider};
use doorward_views::{ProviderTest, ProviderTestStep};

use super::Finding;
use crate::cli::operator_context::{Walked, walk};
use crate::failure::Failure;
use crate::wiring;
use doorward_settings::Settings;

const PROVIDERS: &str = "providers";
const CURE: &str = "run `doorward provider test NAME`, which shows each step and what to do";

/// Tries each enabled provider, of the settings and of the database. People can sign in with a password meanwhile, so a
/// failure is a warning.
pub(super) fn usable(settings: &Settings) -> Finding {
    let tried = wiring::backend().and_then(|backend| backend.block_on(tried(settings)));
    match tried {
        Ok(tried) => judged(&tried),
        // Another check reports the database.
        Err(Failure::Failed { problem, next }) => Finding::warn(PROVIDERS, problem, next),
        Err(failure) => Finding::of(PROVIDERS, &failure),
    }
}

/// A provider, and its first failed step.
struct Tried {
    name: String,
    source: &'static str,
    failed: Option<ProviderTestStep>,
}

async fn tried(settings: &Settings) -> Result<Vec<Tried>, Failure> {
    let services = wiring::open(settings).await?;
    let (registry, caller): (&dyn ProviderRegistry, _) = (&*services, wiring::operator(&services));
    let Walked { rows, .. } =
        walk(None, async |cursor, limit: Limit| registry.list(&caller, cursor, limit).await).await?;
    let mut tried = Vec::new();
    for RegisteredProvider { provider, source, .. } in rows.into_iter().filter(|it| it.provider.enabled) {
        let test = ProviderTest::from(registry.test(&caller, provider.name.as_str()).await?);
        let failed = test.steps.into_iter().find(|step| step.result == "failed");
        tried.push(Tried { name: provider.name.to_string(), source: ProviderSource::as_str(source), failed });
    }
    Ok(tried)
}

fn judged(tried: &[Tried]) -> Finding {
    let failed = tried.iter().filter_map(|it| {
        let step = it.failed.as_ref()?;
        Some(format!("{} (in the {}): {}: {}", it.name, it.source, step.step, step.detail))
    });
    let failed: Vec<_> = failed.collect();
    match (failed.is_empty(), tried.len()) {
        (true, 0) => Finding::ok(PROVIDERS, "none is enabled: people sign in with a password"),
        (true, number) => {
            Finding::ok(PROVIDERS, format!("a sign-in could begin with each of the {number} enabled ones"))
        }
        (false, _) => Finding::warn(PROVIDERS, failed.join("; "), CURE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::State;
    use doorward_ports::outbound::{CheckedStep, ProviderStep, StepResult};

    fn tried(failed: Option<&str>) -> Tried {
        let step = |why: &str| CheckedStep { step: ProviderStep::Dns, result: StepResult::Failed(why.to_owned()) };
        Tried { name: "work".to_owned(), source: "database", failed: failed.map(|why| step(why).into()) }
    }

    #[test]
    fn a_provider_that_fails_is_a_warning_with_its_step() {
        assert_eq!(judged(&[]).state, State::Ok);
        assert_eq!(judged(&[tried(None)]).state, State::Ok);
        let finding = judged(&[tried(None), tried(Some("Not found."))]);
        assert_eq!((finding.state, finding.found.as_str()), (State::Warn, "work (in the database): dns: Not found."));
    }
}
