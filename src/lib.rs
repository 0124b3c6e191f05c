/// The document guard: limits a request's text must hold before anything parses it.
pub mod guard;
