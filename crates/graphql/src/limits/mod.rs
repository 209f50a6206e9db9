//! What a document may cost, found out before anything runs.
//!
//! The parser of juniper bounds tokens, nesting and fields, with fragments followed, so that a document of a few hundred
//! bytes can't become a huge one. This counts what it does not: aliases, and the sizes of lists multiplied with each other.
use crate::fault::Fault;
use crate::schema::Schema;
use juniper::meta::{Field, MetaType};
use juniper::{DefaultScalarValue, Definition, InputValue, OperationType, ScalarValue, Selection, Variables};
use std::collections::{HashMap, HashSet};

/// The largest number of tokens of a document. The introspection query of graphql-js has about 270.
pub(crate) const MOST_TOKENS: usize = 4_000;
/// The largest depth, fragments included. The introspection query of graphql-js has 20.
pub(crate) const DEEPEST: usize = 25;
/// The largest number of fields of an operation, fragments included.
pub(crate) const MOST_FIELDS: usize = 1_000;
/// The largest number of fields and fragments: a fragment that selects no field is counted as well.
const MOST_SELECTIONS: usize = 2 * MOST_FIELDS;
/// The largest number of aliases, fragments included.
const MOST_ALIASES: usize = 50;
/// The largest cost: each field is counted once for each value of the lists around it.
const HIGHEST_COST: usize = 10_000;
/// How many values a list has that has no pages.
const LIST: usize = 5;
/// How many values a page has, unless the document says otherwise, and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// What was counted of an operation.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counted {
    aliases: usize,
    cost: usize,
    selections: usize,
    pub(crate) introspects: bool,
}

type Refused = (Fault, String);

/// Counts each operation that the request could mean.
pub(crate) fn count<'a>(
    document: &'a [Definition<'a, DefaultScalarValue>],
    name: Option<&str>,
    schema: &'a Schema,
    variables: &'a Variables,
) -> Result<Counted, Refused> {
    let fragments = document.iter().filter_map(|definition| match definition {
        Definition::Fragment(fragment) => {
            let (on, selections) = (fragment.item.type_condition.item, fragment.item.selection_set.as_slice());
            Some((fragment.item.name.item, (on, selections)))
        }
        Definition::Operation(_) => None,
    });
    let fragments = fragments.collect();
    let mut counter = Counter { schema, variables, fragments, open: HashSet::new(), counted: Counted::default() };
    for definition in document {
        if let Definition::Operation(operation) = definition
            && (name.is_none() || operation.item.name.as_ref().map(|name| name.item) == name)
        {
            let root = counter.root(operation.item.operation_type);
            counter.selections(&operation.item.selection_set, root, 1)?;
        }
    }
    Ok(counter.counted)
}

/// On which type, and what it selects.
type Fragment<'a> = (&'a str, &'a [Selection<'a>]);

/// The types of the syntax tree have no public names, so this can't be a function.
macro_rules! selected {
    ($field:expr) => {
        Selected {
            name: $field.name.item,
            is_aliased: $field.alias.is_some(),
            first: $field.arguments.as_ref().and_then(|arguments| {
                arguments.item.items.iter().find(|(name, _)| name.item == "first").map(|(_, value)| &value.item)
            }),
            nested: $field.selection_set.as_deref(),
        }
    };
}

struct Counter<'a> {
    schema: &'a Schema,
    variables: &'a Variables,
    fragments: HashMap<&'a str, Fragment<'a>>,
    /// The fragments around the current selection: one within itself is refused later, by its validation.
    open: HashSet<&'a str>,
    counted: Counted,
}

/// What counts of a field.
struct Selected<'a> {
    name: &'a str,
    is_aliased: bool,
    first: Option<&'a InputValue>,
    nested: Option<&'a [Selection<'a>]>,
}

impl<'a> Counter<'a> {
    fn root(&self, operation: OperationType) -> Option<&'a MetaType> {
        let schema = &self.schema.schema;
        match operation {
            OperationType::Query => Some(schema.concrete_query_type()),
            OperationType::Mutation => schema.concrete_mutation_type(),
            OperationType::Subscription => schema.concrete_subscription_type(),
        }
    }

    /// `times` is the product of the lists around these selections.
    fn selections(&mut self, all: &'a [Selection<'a>], of: Option<&'a MetaType>, times: usize) -> Result<(), Refused> {
        for selection in all {
            self.counted.selections += 1;
            within(self.counted.selections, MOST_SELECTIONS, Fault::TooManyFields, "fields and fragments")?;
            match selection {
                Selection::Field(field) => self.field(&selected!(field.item), of, times)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.item.type_condition.as_ref().and_then(|on| self.type_named(on.item)).or(of);
                    self.selections(&inline.item.selection_set, on, times)?;
                }
                Selection::FragmentSpread(spread) => self.fragment(spread.item.name.item, of, times)?,
            }
        }
        Ok(())
    }

    fn fragment(&mut self, name: &'a str, of: Option<&'a MetaType>, times: usize) -> Result<(), Refused> {
        let Some(&(on, selections)) = self.fragments.get(name) else { return Ok(()) };
        if self.open.insert(name) {
            self.selections(selections, self.type_named(on).or(of), times)?;
            self.open.remove(name);
        }
        Ok(())
    }

    /// A field that the schema does not have costs what one of its values would: its validation refuses it.
    fn field(&mut self, field: &Selected<'a>, of: Option<&'a MetaType>, times: usize) -> Result<(), Refused> {
        self.counted.introspects |= matches!(field.name, "__schema" | "__type");
        self.counted.aliases += usize::from(field.is_aliased);
        within(self.counted.aliases, MOST_ALIASES, Fault::TooManyAliases, "aliases")?;
        let known = of.and_then(|of| of.field_by_name(field.name));
        let times = times.saturating_mul(self.values(known, field.first));
        self.counted.cost = self.counted.cost.saturating_add(times);
        within(self.counted.cost, HIGHEST_COST, Fault::TooCostly, "values, by the sizes of its lists")?;
        let Some(nested) = field.nested else { return Ok(()) };
        self.selections(nested, known.and_then(|known| self.type_named(known.field_type.innermost_name())), times)
    }

    /// How many values a field has. A page is counted where it is asked for, and its edges are not counted again.
    fn values(&self, field: Option<&Field<DefaultScalarValue>>, first: Option<&InputValue>) -> usize {
        let Some(field) = field else { return 1 };
        let has_pages = field.arguments.iter().flatten().any(|argument| argument.name == "first");
        if has_pages {
            return self.page(first);
        }
        let is_page = ["edges", "userErrors"].contains(&field.name.as_str());
        let is_list = field.field_type.is_list() && !field.is_builtin() && !is_page;
        if is_list { LIST } else { 1 }
    }

    fn page(&self, first: Option<&InputValue>) -> usize {
        let value = match first {
            // Without a value, it has its default in the document, which may be any.
            Some(InputValue::Variable(name)) => match self.variables.get(name) {
                None => return LARGEST_PAGE,
                value => value,
            },
            value => value,
        };
        match value {
            None | Some(InputValue::Null) => PAGE,
            Some(value) => value
                .as_scalar()
                .and_then(ScalarValue::try_to_int)
                .and_then(|first| usize::try_from(first).ok())
                .map_or(LARGEST_PAGE, |first| first.clamp(1, LARGEST_PAGE)),
        }
    }

    fn type_named(&self, name: &str) -> Option<&'a MetaType> {
        self.schema.schema.concrete_type_by_name(name)
    }
}

fn within(count: usize, most: usize, fault: Fault, of: &str) -> Result<(), Refused> {
    if count <= most {
        return Ok(());
    }
    Err((fault, format!("An operation may have at most {most} {of}. Split it, or ask for less.")))
}
