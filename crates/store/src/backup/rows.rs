//! Rows of any table as lines of text and back: one JSON array for each row, bytes in hexadecimal. The same row gives the
//! same line on both databases.

use crate::schema::Table;
use sea_orm::sea_query::{
    Alias, ColumnType, Expr, ExprTrait, InsertStatement, Order, Query, SelectStatement,
};
use sea_orm::{DbErr, QueryResult, Value};
use std::fmt::Write as _;

type Json = serde_json::Value;

/// Selects the rows after one, in the order of the key.
pub fn select(table: &Table, after: Option<&[Value]>, limit: u64) -> SelectStatement {
    let column = |place: &usize| Alias::new(table.columns[*place].0);
    let mut query = Query::select();
    query.columns(table.columns.iter().map(|(name, _)| Alias::new(*name))).from(Alias::new(table.name));
    if let Some(row) = after {
        let key = Expr::tuple(table.key.iter().map(|place| Expr::col(column(place))));
        let last = Expr::tuple(table.key.iter().map(|place| Expr::val(row[*place].clone())));
        query.and_where(key.gt(last));
    }
    for place in &table.key {
        query.order_by(column(place), Order::Asc);
    }
    query.limit(limit).to_owned()
}

/// Inserts rows.
pub fn insert(table: &Table, rows: Vec<Vec<Value>>) -> InsertStatement {
    let mut query = Query::insert();
    query.into_table(Alias::new(table.name)).columns(table.columns.iter().map(|(name, _)| Alias::new(*name)));
    for row in rows {
        query.values_panic(row.into_iter().map(Expr::val));
    }
    query
}

/// The values of a row that was selected.
pub fn values(table: &Table, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
    let value = |(name, kind): &(&'static str, ColumnType)| {
        Ok(match kind {
            ColumnType::BigInteger => row.try_get::<Option<i64>>("", name)?.into(),
            ColumnType::Integer => row.try_get::<Option<i32>>("", name)?.into(),
            ColumnType::Boolean => row.try_get::<Option<bool>>("", name)?.into(),
            ColumnType::Double => row.try_get::<Option<f64>>("", name)?.into(),
            ColumnType::String(_) | ColumnType::Text => row.try_get::<Option<String>>("", name)?.into(),
            _ => row.try_get::<Option<Vec<u8>>>("", name)?.into(),
        })
    };
    table.columns.iter().map(value).collect()
}

/// A row as a line, without its end.
pub fn line(row: &[Value]) -> String {
    let value = |value: &Value| match value {
        Value::BigInt(Some(number)) => Json::from(*number),
        Value::Int(Some(number)) => Json::from(*number),
        Value::Bool(Some(is)) => Json::from(*is),
        // As text, so that it is read to the last bit.
        Value::Double(Some(number)) => Json::from(format!("{number:?}")),
        Value::String(Some(text)) => Json::from(text.as_str()),
        Value::Bytes(Some(bytes)) => Json::from(hex(bytes)),
        _ => Json::Null,
    };
    Json::Array(row.iter().map(value).collect()).to_string()
}

/// The row of a line; `None` when it is not one of this table.
pub fn parse(table: &Table, line: &str) -> Option<Vec<Value>> {
    let read: Json = serde_json::from_str(line).ok()?;
    let cells = read.as_array().filter(|cells| cells.len() == table.columns.len())?;
    cells.iter().zip(&table.columns).map(|(cell, (_, kind))| value(cell, kind)).collect()
}

fn value(cell: &Json, kind: &ColumnType) -> Option<Value> {
    let empty = cell.is_null();
    let text = cell.as_str();
    Some(match kind {
        ColumnType::BigInteger if empty => Value::BigInt(None),
        ColumnType::BigInteger => cell.as_i64()?.into(),
        ColumnType::Integer if empty => Value::Int(None),
        ColumnType::Integer => i32::try_from(cell.as_i64()?).ok()?.into(),
        ColumnType::Boolean if empty => Value::Bool(None),
        ColumnType::Boolean => cell.as_bool()?.into(),
        ColumnType::Double if empty => Value::Double(None),
        ColumnType::Double => text?.parse::<f64>().ok()?.into(),
        ColumnType::String(_) | ColumnType::Text if empty => Value::String(None),
        ColumnType::String(_) | ColumnType::Text => text?.into(),
        _ if empty => Value::Bytes(None),
        _ => unhex(text?)?.into(),
    })
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes again.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |digit: u8| (digit as char).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| Some((digit(*high)? * 16 + digit(*low)?) as u8);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_its_row_again() {
        for table in crate::schema::tables() {
            let full: Vec<Value> = table
                .columns
                .iter()
                .map(|(_, kind)| match kind {
                    ColumnType::BigInteger => i64::MIN.into(),
                    ColumnType::Integer => (-7).into(),
                    ColumnType::Boolean => true.into(),
                    ColumnType::Double => (0.1 + 0.2).into(),
                    ColumnType::String(_) | ColumnType::Text => "a \"line\"\nand another".into(),
                    _ => vec![0_u8, 255].into(),
                })
                .collect();
            let written = line(&full);
            assert!(!written.contains('\n'));
            assert_eq!(parse(&table, &written), Some(full), "{}", table.name);
            assert!(!table.key.is_empty() && parse(&table, "[1]").is_none());
        }
    }
}
