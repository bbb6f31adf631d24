//! Values that stand as text in a path, a query or a header, as serde reads them.

use std::collections::HashMap;

use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor, value::Error};
use serde::forward_to_deserialize_any;

/// Reads the values that one parameter has in a request: none, one, or several for a list.
pub(super) fn read<T: DeserializeOwned>(values: &[impl AsRef<str>]) -> Result<T, Error> {
    T::deserialize(Values::of(values))
}

/// Reads a struct from a whole query string, each of its fields as a parameter of its own. Where it fails it tells the field and what is wrong.
pub(super) fn read_fields<T: DeserializeOwned>(pairs: &[(String, String)]) -> Result<T, (String, String)> {
    let (mut fields, mut places): (Vec<(&str, Vec<&str>)>, _) = (Vec::new(), HashMap::new());
    for (name, text) in pairs {
        let place = *places.entry(name).or_insert_with(|| {
            fields.push((name, Vec::new()));
            fields.len() - 1
        });
        fields[place].1.push(text);
    }
    let fields = fields.iter().map(|(name, texts)| (*name, Values::of(texts)));
    let fields = de::value::MapDeserializer::new(fields);
    serde_path_to_error::deserialize(fields)
        .map_err(|error| (error.path().to_string(), error.inner().to_string()))
}

/// Reads the lines that one header has: for a list each of them holds several items, because whoever stands between may join them.
pub(super) fn read_lines<T: DeserializeOwned>(lines: &[impl AsRef<str>]) -> Result<T, Error> {
    T::deserialize(Values {
        texts: lines,
        are_lines: true,
    })
}

/// The items of one line of a list (RFC 9110 section 5.6.1): commas part them, but for those within quotes; empty ones are none.
pub(super) fn items(line: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let parted = line.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            ',' => return !quoted,
            _ => {}
        }
        false
    });
    parted.map(str::trim).filter(|item| !item.is_empty())
}

/// All values of a parameter.
struct Values<'a, S> {
    texts: &'a [S],
    /// Whether each holds the items of a list.
    are_lines: bool,
}

impl<'a, S: AsRef<str>> Values<'a, S> {
    fn of(texts: &'a [S]) -> Self {
        Self {
            texts,
            are_lines: false,
        }
    }

    fn one(self) -> Result<One<'a>, Error> {
        match self.texts {
            [value] => Ok(One(value.as_ref())),
            [] => Err(de::Error::custom("is missing")),
            _ => Err(de::Error::custom("stands more than once")),
        }
    }
}

macro_rules! single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.one()?.$method(visitor)
        }
    )*};
}

impl<S: AsRef<str>> IntoDeserializer<'_, Error> for Values<'_, S> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de, S: AsRef<str>> Deserializer<'de> for Values<'_, S> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.texts {
            [text] => One(text.as_ref()).deserialize_any(visitor),
            _ => self.deserialize_seq(visitor),
        }
    }

    single! {
        deserialize_bool deserialize_char
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64 deserialize_str deserialize_string
        deserialize_bytes deserialize_byte_buf deserialize_identifier deserialize_map
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.texts.is_empty() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let texts = self.texts.iter().map(AsRef::as_ref);
        if self.are_lines {
            return visitor.visit_seq(de::value::SeqDeserializer::new(texts.flat_map(items).map(One)));
        }
        visitor.visit_seq(de::value::SeqDeserializer::new(texts.map(One)))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.one()?.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.one()?.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// JSON has neither infinite numbers nor `NaN`, and no bound would hold for them.
fn no_number() -> Error {
    de::Error::custom("is not a number")
}

/// One value.
struct One<'a>(&'a str);

impl IntoDeserializer<'_, Error> for One<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! parsed {
    ($($method:ident $visit:ident $what:literal;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::custom(concat!("is not ", $what))),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for One<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool "`true` or `false`";
        deserialize_char visit_char "one character";
        deserialize_i8 visit_i8 "an integer from -128 to 127";
        deserialize_i16 visit_i16 "an integer of 16 bits";
        deserialize_i32 visit_i32 "an integer of 32 bits";
        deserialize_i64 visit_i64 "an integer of 64 bits";
        deserialize_i128 visit_i128 "an integer of 128 bits";
        deserialize_u8 visit_u8 "an integer from 0 to 255";
        deserialize_u16 visit_u16 "an integer of 16 bits, not negative";
        deserialize_u32 visit_u32 "an integer of 32 bits, not negative";
        deserialize_u64 visit_u64 "an integer of 64 bits, not negative";
        deserialize_u128 visit_u128 "an integer of 128 bits, not negative";
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse::<f32>() {
            Ok(number) if number.is_finite() => visitor.visit_f32(number),
            _ => Err(no_number()),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(no_number()),
        }
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Id(u64);

    #[track_caller]
    fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(values: &[&str], expected: Result<T, &str>) {
        let read = read::<T>(values).map_err(|error| error.to_string());
        assert_eq!(read, expected.map_err(ToOwned::to_owned));
    }

    #[test]
    fn lines_hold_items() {
        #[track_caller]
        fn check(lines: &[&str], expected: &[&str]) {
            let texts = read_lines::<Vec<String>>(lines);
            assert_eq!(texts.expect("texts"), expected, "{lines:?}");
        }
        check(&[], &[]);
        check(&["a, b", "c"], &["a", "b", "c"]);
        check(&[" ,a,,b ,"], &["a", "b"]);
        check(&[r#""a, \" b", c"#], &[r#""a, \" b""#, "c"]);
        assert_eq!(read_lines::<Vec<u8>>(&["1,2", "3"]), Ok(vec![1, 2, 3]));
        assert_eq!(read_lines::<String>(&["a, b"]), Ok("a, b".to_owned()));
        assert_eq!(read_lines::<Option<Vec<u8>>>(&["1,2"]), Ok(Some(vec![1, 2])));
    }

    #[test]
    fn reads_what_arguments_are_made_of() {
        check(&["42"], Ok(42_u64));
        check(&["42"], Ok(Id(42)));
        check(&["red"], Ok(Colour::Red));
        check(
            &["-1"],
            Err::<u16, _>("is not an integer of 16 bits, not negative"),
        );
        check(&[], Err::<u16, _>("is missing"));
        check(&["1", "2"], Err::<u16, _>("stands more than once"));
        check::<Option<u16>>(&[], Ok(None));
        check(&["7"], Ok(Some(7_u16)));
        check(&["1", "2"], Ok(vec![1_u8, 2]));
        check::<Vec<u8>>(&[], Ok(vec![]));
        check(&["a b"], Ok("a b".to_owned()));
        check(&["-1.5e3"], Ok(-1500.0_f64));
        for none in ["inf", "-Infinity", "NaN", "1e999", ""] {
            check(&[none], Err::<f64, _>("is not a number"));
            check(&[none], Err::<f32, _>("is not a number"));
        }
        check(&["1e39"], Err::<f32, _>("is not a number"));
    }

    proptest! {
        #[test]
        fn no_text_panics(values in proptest::collection::vec(".*", 0..3)) {
            let _ = read::<u64>(&values);
            let _ = read::<Option<bool>>(&values);
            let _ = read::<Colour>(&values);
            let _ = read::<Vec<char>>(&values);
            let _ = read::<std::collections::BTreeMap<String, String>>(&values);
            let texts = values.iter().map(ToString::to_string).collect();
            prop_assert_eq!(read::<Vec<String>>(&values).ok(), Some(texts));
        }
    }
}
