//! Asking hooks before a request is decided, for facts that the rules in force ask for, or that go on with baggage.

use std::borrow::Cow;

use http::request::Parts;

use super::decide::{Caller, Routed};
use super::exchange::Exchange;
use super::{Refusal, facts};
use crate::host::RunningHost;
use crate::observed::{Request, Told};
use crate::route::UserKey;

impl Exchange {
    /// Decides after hooks were asked, under the tables that are in force by then.
    pub(super) async fn ask_and_decide(
        &mut self,
        host: &RunningHost,
        parts: &Parts,
        caller: &mut Caller,
    ) -> Result<Routed, Refusal> {
        self.observe(host, parts).await?;
        match self.decide(host, parts, caller)? {
            Some(routed) => Ok(routed),
            None => self.decide_pinned(host, parts, caller).await,
        }
    }

    /// Asks the hooks that the rules in force ask for, if there are any. Rules that come into force meanwhile, and ask for more, see
    /// nothing of it.
    async fn observe(&mut self, host: &RunningHost, parts: &Parts) -> Result<(), Refusal> {
        // Hooks run before the request sees the tables that decide: this look only says what is worth asking for.
        if let Some(guard) = std::mem::take(&mut self.outcome).guard {
            guard.give_up();
        }
        let hosted = host.0.contracts.get(self.contract());
        let told = match hosted.and_then(|hosted| hosted.observer.as_ref()) {
            Some(observer) => {
                let sight = host.snapshot();
                let terms = sight.beside(self.contract()).ok_or_else(Refusal::internal)?;
                let user = |place: &UserKey| facts::said(place, parts).map(Cow::into_owned);
                let request = Request {
                    parts,
                    known: self.peer,
                    begun: self.begun,
                    told: None,
                };
                let counting = &host.0.counting;
                observer.ask(&terms.findings, request, user, counting).await
            }
            None => Told::default(),
        };
        self.told = Some(Box::new(told));
        Ok(())
    }
}
