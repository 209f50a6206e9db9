use crate::address;
use crate::circuit::Circuit;
use doorward_outgoing::{Client, Method, OutgoingError, Request, Response, StatusCode, Uri, header};
use doorward_ports::Causes;
use doorward_ports::outbound::{Misconfiguration, Outage, ProviderCall, ProviderFault, ProviderObserver, Random};
use doorward_ports::usage::{CallKind, PortCall};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a request without an effect is sent.
const ATTEMPTS: u32 = 3;
/// The longest time before the second attempt; it doubles for each further one.
const PAUSE: Duration = Duration::from_millis(200);

/// Calls providers.
pub struct Calls {
    pub client: Client,
    pub random: Arc<dyn Random>,
    pub observer: Arc<dyn ProviderObserver>,
}

/// The calls to one provider.
#[derive(Clone, Copy)]
pub struct CallsTo<'a> {
    pub calls: &'a Calls,
    pub circuit: &'a Circuit,
}

impl CallsTo<'_> {
    /// Reads a URL. It has no effect at the provider, so it is repeated after a failure, but not after a long wait.
    pub async fn get(
        self,
        call: ProviderCall,
        url: &str,
        headers: &[(header::HeaderName, &str)],
    ) -> Result<Response<Vec<u8>>, ProviderFault> {
        let url = self.url(url)?;
        let mut attempt = 1;
        loop {
            match self.send(call, get(&url, headers)?).await {
                Err(ProviderFault::Unavailable(outage)) if attempt < ATTEMPTS && is_short(outage) => {
                    tokio::time::sleep(self.calls.jitter(PAUSE * 2_u32.pow(attempt - 1))).await;
                    attempt += 1;
                }
                answer => return answer,
            }
        }
    }

    /// Sends a request once.
    pub async fn send(self, call: ProviderCall, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ProviderFault> {
        if !self.circuit.admits() {
            return Err(ProviderFault::Unavailable(Outage::CircuitOpen));
        }
        let (_calling, began) = (PortCall::begin(CallKind::Provider, call.as_str()), Instant::now());
        let answer = self.calls.client.send(request).await;
        let answer = answer.map_err(|error| logged(call, &error)).and_then(refuse_outage);
        let answered = !matches!(answer, Err(ProviderFault::Unavailable(_)));
        self.circuit.record(answered);
        self.calls.observer.called(call, answered, began.elapsed());
        answer
    }

    /// Connects to the host of a URL, and sends nothing.
    pub async fn reached(self, url: &str) -> Result<(), ProviderFault> {
        let url = self.url(url)?;
        let greeted = self.calls.client.greet(&url).await.map_err(|error| fault_of(&error));
        self.circuit.record(greeted.is_ok());
        greeted
    }

    /// Reads a URL that may be called.
    pub fn url(self, url: &str) -> Result<Uri, ProviderFault> {
        address::parsed(url, self.calls.client.reach())
    }
}

impl Calls {
    /// A random time, up to this one, so that nodes do not repeat together.
    fn jitter(&self, most: Duration) -> Duration {
        let mut bytes = [0; 2];
        self.random.fill(&mut bytes);
        most.mul_f64(f64::from(u16::from_be_bytes(bytes)) / f64::from(u16::MAX))
    }
}

fn get(url: &Uri, headers: &[(header::HeaderName, &str)]) -> Result<Request<Vec<u8>>, ProviderFault> {
    let mut request = Request::builder().method(Method::GET).uri(url).header(header::ACCEPT, "application/json");
    if let Some(named) = request.headers_mut() {
        for (name, value) in headers {
            let value = header::HeaderValue::from_str(value);
            named.insert(name.clone(), value.map_err(|_| malformed())?);
        }
    }
    request.body(Vec::new()).map_err(|_| ProviderFault::Misconfigured(Misconfiguration::Url))
}

fn malformed() -> ProviderFault {
    ProviderFault::Misconfigured(Misconfiguration::MalformedAnswer)
}

/// A timeout has used up the patience of the caller, and what asks for fewer requests gets no more.
const fn is_short(outage: Outage) -> bool {
    matches!(outage, Outage::Connection | Outage::ServerError | Outage::Dns)
}

fn refuse_outage(answer: Response<Vec<u8>>) -> Result<Response<Vec<u8>>, ProviderFault> {
    match answer.status() {
        status if status.is_server_error() => Err(ProviderFault::Unavailable(Outage::ServerError)),
        StatusCode::TOO_MANY_REQUESTS => Err(ProviderFault::Unavailable(Outage::Busy)),
        _ => Ok(answer),
    }
}

/// The fault of an error, whose causes are only in the log.
fn logged(call: ProviderCall, error: &OutgoingError) -> ProviderFault {
    let fault = fault_of(error);
    tracing::warn!(call = call.as_str(), reason = fault.reason(), error = %Causes(error), "a provider was not reached");
    fault
}

/// What an error of a call says about the provider.
pub fn fault_of(error: &OutgoingError) -> ProviderFault {
    let outage = ProviderFault::Unavailable;
    let wrong = ProviderFault::Misconfigured;
    match error {
        OutgoingError::Url => wrong(Misconfiguration::Url),
        OutgoingError::Address => wrong(Misconfiguration::Address),
        OutgoingError::Redirect { .. } => wrong(Misconfiguration::Redirect),
        OutgoingError::TooLong(_) => wrong(Misconfiguration::AnswerTooLong),
        OutgoingError::Resolve(_) => outage(Outage::Dns),
        OutgoingError::Connect(_) | OutgoingError::Broken(_) => outage(Outage::Connection),
        OutgoingError::Tls(_) => outage(Outage::Tls),
        OutgoingError::Timeout(_) => outage(Outage::Timeout),
    }
}
