//! What is left of a policy once actor, act and circumstances are known, as a scope. Whatever is not one of the few forms
//! below is refused by name: a list is never widened by what was not understood.

use crate::Scope;
use cedar_policy::Policy;
use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};
use homeward_model::Instant;
use std::str::FromStr;

/// The records for which a residual policy holds.
pub fn scope(policy: &Policy, now: Instant) -> Result<Scope, String> {
    let policy = policy.to_pst().map_err(|error| error.to_string())?;
    let mut parts = Vec::new();
    for clause in policy.body().clauses() {
        parts.push(match clause {
            Clause::When(condition) => condition_scope(condition, now)?,
            Clause::Unless(condition) => condition_scope(condition, now)?.negated(),
        });
    }
    Ok(Scope::and(parts))
}

fn condition_scope(condition: &Expr, now: Instant) -> Result<Scope, String> {
    match condition {
        Expr::Literal(Literal::Bool(true)) => Ok(Scope::All),
        Expr::Literal(Literal::Bool(false)) => Ok(Scope::None),
        Expr::UnaryOp { op: UnaryOp::Not, expr } => Ok(condition_scope(expr, now)?.negated()),
        Expr::BinaryOp { op: BinaryOp::And, left, right } => {
            Ok(Scope::and([condition_scope(left, now)?, condition_scope(right, now)?]))
        }
        Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
            Ok(Scope::or([condition_scope(left, now)?, condition_scope(right, now)?]))
        }
        Expr::BinaryOp { op: BinaryOp::Eq, left, right } => match (attribute(left), attribute(right)) {
            (Some(name), None) => equal(name, literal(right)?),
            (None, Some(name)) => equal(name, literal(left)?),
            _ => Err(format!("`{condition}` does not compare an attribute with a value")),
        },
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } => match (attribute(left), attribute(right)) {
            (Some(name), None) => holds(name, literal(right)?, now),
            (None, Some("compartment")) => Ok(Scope::CompartmentIn(ids(left)?)),
            _ => Err(format!("`{condition}` is not a test that a list can ask")),
        },
        Expr::BinaryOp { op: BinaryOp::ContainsAny, left, right } => {
            let values = match (attribute(left), attribute(right)) {
                (Some("taskForces"), None) => right,
                (None, Some("taskForces")) => left,
                _ => return Err(format!("`{condition}` is not a test that a list can ask")),
            };
            let forces = ids(values)?;
            Ok(if forces.is_empty() { Scope::None } else { Scope::TaskForceIn(forces) })
        }
        Expr::HasAttr { expr, attrs } if **expr == Expr::Var(Var::Resource) && attrs.len() == 1 => {
            match attrs.first().as_str() {
                "compartment" => Ok(Scope::InCompartment),
                other => Err(format!("`{other}` cannot be asked for")),
            }
        }
        other => match attribute(other) {
            Some("sealed") => Ok(Scope::Sealed),
            _ => Err(format!("`{other}` is not a test that a list can ask")),
        },
    }
}

/// The attribute of the record that an expression reads.
fn attribute(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::GetAttr { expr, attr } if **expr == Expr::Var(Var::Resource) => Some(attr),
        _ => None,
    }
}

fn equal(name: &str, value: &str) -> Result<Scope, String> {
    match name {
        "owner" => Ok(Scope::OwnerIs(id(value)?)),
        "state" => Ok(Scope::StateIs(value.to_owned())),
        other => Err(format!("`{other}` cannot be compared")),
    }
}

fn holds(name: &str, value: &str, now: Instant) -> Result<Scope, String> {
    match name {
        "assigned" => Ok(Scope::AssignedTo(id(value)?)),
        "taskForces" => Ok(Scope::TaskForceIn(vec![id(value)?])),
        "releasedTo" => Ok(Scope::ReleasedTo(id(value)?, now)),
        "referredTo" => Ok(Scope::ReferredTo(id(value)?)),
        "openedFor" => Ok(Scope::OpenedFor(id(value)?, now)),
        other => Err(format!("`{other}` cannot be asked for a value")),
    }
}

fn literal(expression: &Expr) -> Result<&str, String> {
    match expression {
        Expr::Literal(Literal::String(value)) => Ok(value),
        other => Err(format!("`{other}` is not a text")),
    }
}

fn id<Id: FromStr<Err: ToString>>(value: &str) -> Result<Id, String> {
    value.parse().map_err(|error: Id::Err| error.to_string())
}

fn ids<Id: FromStr<Err: ToString> + Ord>(expression: &Expr) -> Result<Vec<Id>, String> {
    let Expr::Set(values) = expression else { return Err(format!("`{expression}` is not a set")) };
    let mut ids = values.iter().map(|value| id(literal(value)?)).collect::<Result<Vec<Id>, String>>()?;
    ids.sort_unstable();
    Ok(ids)
}
