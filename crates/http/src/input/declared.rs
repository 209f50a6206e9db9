use crate::problem::Problem;
use actix_web::{HttpMessage, HttpRequest};
use doorward_ports::Error;
use doorward_ports::access::Operation;
use std::cell::Cell;
use std::rc::Rc;

/// The operation of a route's guard. It is in the extensions of a request that only checks the routes.
#[derive(Clone, Default)]
pub(crate) struct Declared(Rc<Cell<Option<Operation>>>);

impl Declared {
    pub(crate) fn operation(&self) -> Option<Operation> {
        self.0.get()
    }
}

/// Each guard calls it first, before it awaits anything.
///
/// # Errors
/// True if the routes are only checked: then the guard does nothing else.
pub(super) fn declare(request: &HttpRequest, operation: Operation) -> Result<(), Problem> {
    match request.extensions().get::<Declared>() {
        None => Ok(()),
        Some(declared) => {
            declared.0.set(Some(operation));
            Err(Error::internal("the routes are only looked over").into())
        }
    }
}
