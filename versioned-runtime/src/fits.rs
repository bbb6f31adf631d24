//! What generated code asks of the types of operations beside their constants.
//!
//! A type that does not fit is told by its constant, at the type as the user wrote it. Told again by each call it would be an avalanche
//! under the attribute; so what has bounds is called through [`Fits`], and where they do not hold, [`Unfit`] is found instead: an
//! inherent function comes before that of a trait. Such a contract does not compile, so [`Unfit`] is never called.

use std::marker::PhantomData;

use versioned_core::payload::RequestBody;
use versioned_core::response::Responses;
use versioned_core::{OperationError, Problem};

use crate::context::InProcess;
use crate::http::{Call, RawBody, Refusal, Reply};

/// The functions of a type that fits.
#[derive(Debug)]
pub struct Fits<T>(PhantomData<fn() -> T>);

impl<T: RequestBody> Fits<T> {
    /// The body as what the operation takes.
    #[inline]
    pub fn read(call: &mut Call, body: &RawBody) -> Result<T, Refusal> {
        call.read(body)
    }
}

impl<T: Responses, E: OperationError> Fits<Result<T, E>> {
    /// The answer: a success with its status, or the problem document of an error.
    #[inline]
    pub fn reply(call: &Call, status: u16, result: Result<T, E>) -> Result<Reply, Refusal> {
        call.reply(status, result)
    }

    /// Runs a call with its context as the current one.
    #[inline]
    pub fn scope(
        call: InProcess,
        future: impl Future<Output = Result<T, E>>,
    ) -> impl Future<Output = Result<T, E>> {
        call.scope(future)
    }
}

impl<E: OperationError> Fits<E> {
    /// The error that a problem is.
    #[inline]
    #[must_use]
    pub fn from_problem(problem: Problem) -> E {
        E::from_problem(problem)
    }
}

/// The same of a type that does not fit.
pub trait Unfit<T> {
    /// Never called.
    fn read(_: &mut Call, _: &RawBody) -> Result<T, Refusal> {
        unreachable!("a contract with such a body does not compile")
    }

    /// Never called.
    fn reply(_: &Call, _: u16, _: T) -> Result<Reply, Refusal> {
        unreachable!("a contract with such an answer does not compile")
    }

    /// Never called.
    fn scope<F: Future<Output = T>>(_: InProcess, future: F) -> F {
        future
    }

    /// Never called.
    #[must_use]
    fn from_problem(_: Problem) -> T {
        unreachable!("a contract with such an error does not compile")
    }
}

impl<T> Unfit<T> for Fits<T> {}
