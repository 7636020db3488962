//! How values are kept in a body: as JSON with the names of the model's fields and variants. A name that is renamed in
//! `model` keeps its old spelling here (a test holds what was once written against what is read).

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What was read does not fit.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken(pub String);

/// A value that was read, or why it does not fit.
pub type Read<T> = Result<T, Broken>;

/// A value that can be kept.
pub trait Body: Sized {
    /// As JSON.
    fn write(&self) -> Value;

    /// From JSON.
    fn read(value: &Value) -> Read<Self>;

    /// What a field is that older writers did not know.
    fn absent() -> Option<Self> {
        None
    }
}

/// One field of an object.
pub fn part<T: Body>(value: &Value, name: &str) -> Read<T> {
    match value.get(name) {
        Some(part) => T::read(part).map_err(|Broken(because)| Broken(format!("{name}: {because}"))),
        None => T::absent().ok_or_else(|| Broken(format!("`{name}` is missing"))),
    }
}

/// An object of named parts.
pub fn object<const N: usize>(parts: [(&str, Value); N]) -> Value {
    Value::Object(parts.into_iter().map(|(name, part)| (name.to_owned(), part)).collect())
}

/// What is expected where something else stands.
pub fn expected(what: &str) -> Broken {
    Broken(format!("it is not {what}"))
}

macro_rules! structs {
    ($($name:path { $($field:ident),+ $(,)? })+) => {$(
        impl $crate::body::Body for $name {
            fn write(&self) -> serde_json::Value {
                $crate::body::object([$((stringify!($field), self.$field.write())),+])
            }

            fn read(value: &serde_json::Value) -> $crate::body::Read<Self> {
                Ok(Self { $($field: $crate::body::part(value, stringify!($field))?),+ })
            }
        }
    )+};
}

/// A variant without values is a string; one with values an object with the variant's name and its values.
macro_rules! enums {
    ($($name:ident { $($variant:ident $(($($item:ident),+))? $({ $($field:ident),+ })?),+ $(,)? })+) => {$(
        impl $crate::body::Body for $name {
            #[allow(unused_mut, reason = "not every variant has values")]
            fn write(&self) -> serde_json::Value {
                match self {$(
                    $name::$variant $(($($item),+))? $({ $($field),+ })? => {
                        let mut values = serde_json::Map::new();
                        $($(values.insert(stringify!($item).to_owned(), $crate::body::Body::write($item));)+)?
                        $($(values.insert(stringify!($field).to_owned(), $crate::body::Body::write($field));)+)?
                        $crate::body::variant(stringify!($variant), values)
                    }
                )+}
            }

            #[allow(unused_variables, reason = "not every variant has values")]
            fn read(value: &serde_json::Value) -> $crate::body::Read<Self> {
                let (variant, values) = $crate::body::split(value)?;
                match variant {
                    $(stringify!($variant) => Ok($name::$variant
                        $(($($crate::body::part(values, stringify!($item))?),+))?
                        $({ $($field: $crate::body::part(values, stringify!($field))?),+ })?),)+
                    other => Err($crate::body::Broken(format!("`{other}` is not known"))),
                }
            }
        }
    )+};
}

macro_rules! words {
    ($($name:ident)+) => {$(
        impl $crate::body::Body for $name {
            fn write(&self) -> serde_json::Value {
                serde_json::Value::String(self.word().to_owned())
            }

            fn read(value: &serde_json::Value) -> $crate::body::Read<Self> {
                let text = value.as_str().unwrap_or_default();
                $name::parse(text).ok_or_else(|| $crate::body::Broken(format!("`{text}` is not known")))
            }
        }
    )+};
}

/// Values that are one text: how it is shown, and how it is read.
macro_rules! texts {
    ($($name:ident)+) => {$(
        impl $crate::body::Body for $name {
            fn write(&self) -> serde_json::Value {
                serde_json::Value::String(self.to_string())
            }

            fn read(value: &serde_json::Value) -> $crate::body::Read<Self> {
                let text = value.as_str().ok_or_else(|| $crate::body::expected("a text"))?;
                $name::new(text).map_err(|refused| $crate::body::Broken(refused.to_string()))
            }
        }
    )+};
}

macro_rules! ids {
    ($($name:ident)+) => {$(
        impl $crate::body::Body for $name {
            fn write(&self) -> serde_json::Value {
                serde_json::Value::String(self.to_string())
            }

            fn read(value: &serde_json::Value) -> $crate::body::Read<Self> {
                let text = value.as_str().unwrap_or_default();
                text.parse().map_err(|bad: homeward_model::BadId| $crate::body::Broken(bad.to_string()))
            }
        }
    )+};
}

pub(crate) use {enums, ids, structs, texts, words};

/// A variant with its values.
pub fn variant(name: &str, mut values: Map<String, Value>) -> Value {
    if values.is_empty() {
        return Value::String(name.to_owned());
    }
    values.insert("is".to_owned(), Value::String(name.to_owned()));
    Value::Object(values)
}

/// The name of a variant, and its values.
pub fn split(value: &Value) -> Read<(&str, &Value)> {
    let name = value.as_str().or_else(|| value.get("is").and_then(Value::as_str));
    Ok((name.ok_or_else(|| expected("a variant"))?, value))
}

/// The name of the variant of a change: what the audit trail says of it.
pub fn word(change: &Value) -> &str {
    split(change).map_or("change", |(name, _)| name)
}

impl Body for String {
    fn write(&self) -> Value {
        Value::String(self.clone())
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_str().map(str::to_owned).ok_or_else(|| expected("a text"))
    }
}

impl Body for bool {
    fn write(&self) -> Value {
        Value::Bool(*self)
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_bool().ok_or_else(|| expected("yes or no"))
    }
}

macro_rules! numbers {
    ($($kind:ty = $read:ident),+) => {$(
        impl Body for $kind {
            fn write(&self) -> Value {
                Value::from(*self)
            }

            fn read(value: &Value) -> Read<Self> {
                value.$read().and_then(|number| number.try_into().ok()).ok_or_else(|| expected("a number"))
            }
        }
    )+};
}
numbers!(u8 = as_u64, u32 = as_u64, i64 = as_i64, u64 = as_u64);

impl Body for f64 {
    fn write(&self) -> Value {
        Value::from(*self)
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_f64().ok_or_else(|| expected("a number"))
    }
}

impl Body for f32 {
    fn write(&self) -> Value {
        f64::from(*self).write()
    }

    fn read(value: &Value) -> Read<Self> {
        f64::read(value).map(|number| number as f32)
    }
}

impl<T: Body> Body for Option<T> {
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, Body::write)
    }

    fn read(value: &Value) -> Read<Self> {
        if value.is_null() { Ok(None) } else { T::read(value).map(Some) }
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl<T: Body> Body for Vec<T> {
    fn write(&self) -> Value {
        Value::Array(self.iter().map(Body::write).collect())
    }

    fn read(value: &Value) -> Read<Self> {
        value.as_array().ok_or_else(|| expected("a list"))?.iter().map(T::read).collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }
}

impl<T: Body> Body for Box<T> {
    fn write(&self) -> Value {
        self.as_ref().write()
    }

    fn read(value: &Value) -> Read<Self> {
        T::read(value).map(Box::new)
    }
}

impl<A: Body, B: Body> Body for (A, B) {
    fn write(&self) -> Value {
        Value::Array(vec![self.0.write(), self.1.write()])
    }

    fn read(value: &Value) -> Read<Self> {
        match value.as_array().map(Vec::as_slice) {
            Some([a, b]) => Ok((A::read(a)?, B::read(b)?)),
            _ => Err(expected("a pair")),
        }
    }
}

impl<T: Body> Body for BTreeMap<String, T> {
    fn write(&self) -> Value {
        Value::Object(self.iter().map(|(key, value)| (key.clone(), value.write())).collect())
    }

    fn read(value: &Value) -> Read<Self> {
        let object = value.as_object().ok_or_else(|| expected("an object"))?;
        object.iter().map(|(key, value)| Ok((key.clone(), T::read(value)?))).collect()
    }

    fn absent() -> Option<Self> {
        Some(BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use homeward_model::{
        AgencyState, CheckState, DispositionState, DraftState, LeadState, MemberScope, MemberState,
        MissingReport, ReportState, TipState,
    };

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    /// Reads what was once written, and writes it as it was. Lines are added here and never edited.
    fn check<T: Body>(text: &str) {
        let value: Value = serde_json::from_str(&text.replace("ID", &format!("\"{ID}\""))).unwrap();
        let read = T::read(&value).unwrap_or_else(|Broken(because)| panic!("{text}: {because}"));
        assert_eq!(read.write(), value);
    }

    #[test]
    fn what_was_once_written_is_read() {
        check::<LeadState>(r#""Admitted""#);
        check::<LeadState>(
            r#"{"is":"Assigned","priority":"urgent","route":{"office":ID,"agency":ID,"task_force":null,"by_distance":true},"to":ID}"#,
        );
        check::<LeadState>(
            r#"{"is":"Closed","outcome":{"is":"Recovered","victim":ID},"closed":{"by":ID,"at":5}}"#,
        );
        check::<DispositionState>(r#"{"is":"Dismissed","dismissed":{"by":ID,"at":5}}"#);
        check::<TipState>(r#"{"is":"Forwarded","to":ID,"forwarded":{"by":ID,"at":5}}"#);
        check::<ReportState>(r#"{"is":"Missing","since":5}"#);
        check::<DraftState>(r#"{"is":"Approved","approved":{"by":ID,"at":5}}"#);
        check::<AgencyState>(r#"{"is":"Ended","since":{"by":ID,"at":5}}"#);
        check::<MemberState>(r#"{"is":"Locked","since":5}"#);
        check::<CheckState>(r#"{"is":"NoHitSoFar","asked":[{"system":"own record","at":5}]}"#);
        check::<CheckState>(
            r#"{"is":"BothTold","hit":{"pointers":[{"check":ID,"agency":ID,"contact":ID}],"found":5,"raised_to":[]}}"#,
        );
    }

    #[test]
    fn what_an_older_writer_did_not_know_is_empty() {
        let scope = MemberScope::read(&serde_json::json!({"ends": {}})).unwrap();
        assert_eq!(scope, MemberScope::default());
        let Err(Broken(because)) = MissingReport::read(&serde_json::json!({"id": 7})) else {
            panic!("it was read")
        };
        assert_eq!(because, "id: it is not a text");
    }
}
