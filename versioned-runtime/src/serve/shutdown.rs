//! The signals that end a server.

/// SIGTERM and SIGINT (Ctrl-C), listened for from its making on: none between two waits is missed.
pub(crate) struct Signals {
    #[cfg(unix)]
    listeners: Option<(tokio::signal::unix::Signal, tokio::signal::unix::Signal)>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// If the process cannot, no signal ever comes here, and the default action of a signal ends the process.
    pub(crate) fn listen() -> Self {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let listeners = match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
                (Ok(terminate), Ok(interrupt)) => Some((terminate, interrupt)),
                (Err(error), _) | (_, Err(error)) => {
                    tracing::error!(%error, "signals cannot be listened for: they will end the process without draining");
                    None
                }
            };
            Self { listeners }
        }
        #[cfg(not(unix))]
        Self {}
    }

    /// Done at the next signal.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        match &mut self.listeners {
            Some((terminate, interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            None => std::future::pending().await,
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
