//! Asking hooks before a request is decided: for facts that its rules ask for, and for its version where it names none.

use std::borrow::Cow;
use std::sync::Arc;

use http::request::Parts;

use super::exchange::{Exchange, Routed, Seen, hosted, resolve_to};
use super::look::Look;
use super::{Refusal, facts, problem};
use crate::drain::Guard;
use crate::metrics::Asked;
use crate::observed::{Request, Told};
use crate::resolve::{Requested, Source};
use crate::route::UserKey;

impl Exchange {
    /// Decides after hooks were asked, under the tables that are in force by then.
    pub(super) async fn ask_and_decide(&mut self, parts: &Parts, seen: &mut Seen) -> Result<Routed, Refusal> {
        self.observe(parts).await?;
        match self.decide(parts, seen)? {
            Some(routed) => Ok(routed),
            None => self.decide_pinned(parts, seen).await,
        }
    }

    /// Decides a request that names no version, by what the client pin says of its client.
    async fn decide_pinned(&mut self, parts: &Parts, seen: &mut Seen) -> Result<Routed, Refusal> {
        // Hooks run first: they may take their time, and what they say does not depend on the tables.
        self.outcome.guard = None;
        let mut requested = Requested::new();
        self.outcome.seen.asked = Asked::from(requested.kind());
        let host = self.host.clone();
        let hosted = hosted(&host, self.contract)?;
        if let Some(pin) = &hosted.pin {
            let asked = pin.ask(&parts.headers).await;
            if let Some(constraint) = asked.map_err(|_| problem::pin_unavailable(hosted))? {
                let pushed = requested.push(Source::ClientPin, constraint);
                pushed.map_err(|_| Refusal::internal())?;
            }
        }
        let guard = Guard::enter(host.snapshot(), self.contract);
        let snapshot = Arc::clone(guard.snapshot());
        self.outcome.guard = Some(guard);
        let terms = snapshot.beside(self.contract).ok_or_else(Refusal::internal)?;
        let version = resolve_to(hosted, &snapshot, self.contract, &requested, &mut self.outcome)?;
        let look = Look::over(&parts.headers, &terms.wanted);
        self.route(version, &snapshot, &look, parts, seen)
    }

    /// Asks the hooks that the rules in force ask for, if there are any. Rules that come into force meanwhile, and ask for more, see
    /// nothing of it.
    async fn observe(&mut self, parts: &Parts) -> Result<(), Refusal> {
        let host = self.host.clone();
        let mut told = Told::default();
        if let Some(observer) = &hosted(&host, self.contract)?.observer {
            // Hooks run before the snapshot is taken that decides: this one only says what is worth asking for.
            self.outcome.guard = None;
            let snapshot = host.snapshot();
            let terms = snapshot.beside(self.contract).ok_or_else(Refusal::internal)?;
            let user = |place: &UserKey| facts::said(place, parts).map(Cow::into_owned);
            let asked = observer.ask(&terms.findings, self.observed(parts), user, &host.0.counting);
            told = asked.await;
        }
        self.told = Some(Box::new(told));
        Ok(())
    }

    /// The request, as far as facts are concerned.
    pub(super) fn observed<'a>(&'a self, parts: &'a Parts) -> Request<'a> {
        Request {
            parts,
            known: self.peer,
            begun: self.begun,
            told: self.told.as_deref(),
        }
    }
}
