//! What a document may cost, found out before anything runs.
//!
//! The parser of juniper bounds tokens, nesting and fields, with fragments followed, so that a document of a few hundred
//! bytes can't become a huge one. This counts what it does not: aliases, fields at the root, the lengths of arguments,
//! and the sizes of lists multiplied with each other.
use crate::fault::Fault;
use crate::schema::Schema;
use juniper::meta::{Field, MetaType};
use juniper::{
    DefaultScalarValue, Definition, InputValue, Operation, OperationType, ScalarValue, Selection, Variables,
};
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
/// The largest number of fields at the root, fragments included: each may ask for an operation.
const MOST_ROOTS: usize = 50;
/// The largest length of all arguments, each time that one is used: a variable or a fragment can be used often.
const MOST_ARGUMENTS: usize = 256 * 1024;
/// The largest number of fields below `__schema` and `__type`. The introspection query of graphql-js has about 200.
const MOST_OF_SCHEMA: usize = 250;
/// How many lists of the schema may be within each other, besides arguments: the types, and the fields of each.
const DEEPEST_OF_SCHEMA: usize = 2;
/// The largest cost: each field is counted once for each value of the lists around it.
const HIGHEST_COST: usize = 10_000;
/// How many values a list has that has no pages.
const LIST: usize = 5;
/// How many permissions a role has. It may have more than a list usually has: a page of 100 accounts with the permissions of
/// their roles is just allowed.
const PERMISSIONS: usize = 15;
/// How many values a page has, unless the document says otherwise, and at most.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 100;

/// What was counted of an operation.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counted {
    aliases: usize,
    cost: usize,
    selections: usize,
    roots: usize,
    arguments: usize,
    of_schema: usize,
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
    let mut counter = Counter::new(schema, variables, fragments);
    for definition in document {
        if let Definition::Operation(operation) = definition
            && (name.is_none() || operation.item.name.as_ref().map(|name| name.item) == name)
        {
            counter.operation(&operation.item)?;
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
            alias: $field.alias.as_ref().map(|alias| alias.item),
            arguments: $field
                .arguments
                .iter()
                .flat_map(|of| &of.item.items)
                .map(|(name, value)| (name.item, &value.item))
                .collect(),
            nested: $field.selection_set.as_deref(),
        }
    };
}

/// The variables that decide by directives whether something is selected.
macro_rules! conditions {
    ($item:expr) => {
        $item
            .directives
            .iter()
            .flatten()
            .flat_map(|directive| &directive.item.arguments)
            .flat_map(|of| &of.item.items)
            .filter_map(|(name, value)| match &value.item {
                InputValue::Variable(variable) if name.item == "if" => Some(variable.as_str()),
                _ => None,
            })
    };
}

struct Counter<'a> {
    schema: &'a Schema,
    variables: &'a Variables,
    fragments: HashMap<&'a str, Fragment<'a>>,
    /// The defaults of the variables of the current operation.
    defaults: HashMap<&'a str, &'a InputValue>,
    /// The names in the answer of the mutations of the current operation.
    mutations: Option<HashSet<&'a str>>,
    /// The fragments around the current selection: one within itself is refused later, by its validation.
    open: HashSet<&'a str>,
    counted: Counted,
}

/// What counts of a field.
struct Selected<'a> {
    name: &'a str,
    alias: Option<&'a str>,
    arguments: HashMap<&'a str, &'a InputValue>,
    nested: Option<&'a [Selection<'a>]>,
}

/// Where something is selected.
#[derive(Clone, Copy)]
struct Place<'a> {
    of: Option<&'a MetaType>,
    /// The product of the lists around it.
    times: usize,
    is_root: bool,
    /// Below `__schema` or `__type`: the number of lists around it, besides arguments.
    of_schema: Option<usize>,
}

impl<'a> Counter<'a> {
    fn new(schema: &'a Schema, variables: &'a Variables, fragments: HashMap<&'a str, Fragment<'a>>) -> Self {
        let (defaults, mutations, open, counted) = (HashMap::new(), None, HashSet::new(), Counted::default());
        Self { schema, variables, fragments, defaults, mutations, open, counted }
    }

    fn operation(&mut self, operation: &'a Operation<'a, DefaultScalarValue>) -> Result<(), Refused> {
        let variables = operation.variables_definition.iter().flat_map(|variables| variables.item.iter());
        self.defaults = variables
            .filter_map(|(name, variable)| variable.default_value.as_ref().map(|value| (name.item, &value.item)))
            .collect();
        self.defaults.keys().try_for_each(|name| self.not_null(name))?;
        self.mutations = (operation.operation_type == OperationType::Mutation).then(HashSet::new);
        let of = self.root(operation.operation_type);
        let place = Place { of, times: 1, is_root: true, of_schema: None };
        self.selections(&operation.selection_set, place)
    }

    fn root(&self, operation: OperationType) -> Option<&'a MetaType> {
        let schema = &self.schema.schema;
        match operation {
            OperationType::Query => Some(schema.concrete_query_type()),
            OperationType::Mutation => schema.concrete_mutation_type(),
            OperationType::Subscription => schema.concrete_subscription_type(),
        }
    }

    fn value_of(&self, variable: &str) -> Option<&'a InputValue> {
        self.variables.get(variable).or_else(|| self.defaults.get(variable).copied())
    }

    /// With null for a condition, juniper panics; with null instead of a default, it would convert a value that no type allows.
    fn not_null(&self, variable: &str) -> Result<(), Refused> {
        match self.value_of(variable) {
            Some(InputValue::Null) => {
                Err((Fault::Invalid, format!("The variable ${variable} can't be null. Leave it out, or send a value.")))
            }
            _ => Ok(()),
        }
    }

    fn selections(&mut self, all: &'a [Selection<'a>], place: Place<'a>) -> Result<(), Refused> {
        for selection in all {
            self.counted.selections += 1;
            within(self.counted.selections, MOST_SELECTIONS, Fault::TooManyFields, "fields and fragments")?;
            match selection {
                Selection::Field(field) => {
                    conditions!(field.item).try_for_each(|variable| self.not_null(variable))?;
                    self.field(&selected!(field.item), place)?;
                }
                Selection::InlineFragment(inline) => {
                    conditions!(inline.item).try_for_each(|variable| self.not_null(variable))?;
                    let on = inline.item.type_condition.as_ref().and_then(|on| self.type_named(on.item));
                    self.selections(&inline.item.selection_set, Place { of: on.or(place.of), ..place })?;
                }
                Selection::FragmentSpread(spread) => {
                    conditions!(spread.item).try_for_each(|variable| self.not_null(variable))?;
                    self.fragment(spread.item.name.item, place)?;
                }
            }
        }
        Ok(())
    }

    fn fragment(&mut self, name: &'a str, place: Place<'a>) -> Result<(), Refused> {
        let Some(&(on, selections)) = self.fragments.get(name) else { return Ok(()) };
        if self.open.insert(name) {
            self.selections(selections, Place { of: self.type_named(on).or(place.of), ..place })?;
            self.open.remove(name);
        }
        Ok(())
    }

    /// A field that the schema does not have costs what one of its values would: its validation refuses it.
    fn field(&mut self, field: &Selected<'a>, place: Place<'a>) -> Result<(), Refused> {
        self.counted.aliases += usize::from(field.alias.is_some());
        within(self.counted.aliases, MOST_ALIASES, Fault::TooManyAliases, "aliases")?;
        if place.is_root {
            self.at_root(field)?;
        }
        self.arguments(field)?;
        let known = place.of.and_then(|of| of.field_by_name(field.name));
        let of_schema = self.of_schema(field, known, place)?;
        let times = place.times.saturating_mul(self.values(known, field.arguments.get("first").copied()));
        self.counted.cost = self.counted.cost.saturating_add(times);
        within(self.counted.cost, HIGHEST_COST, Fault::TooCostly, "values, by the sizes of its lists")?;
        let of = known.and_then(|known| self.type_named(known.field_type.innermost_name()));
        field.nested.map_or(Ok(()), |nested| self.selections(nested, Place { of, times, is_root: false, of_schema }))
    }

    /// A mutation that is selected twice by one name would be done twice, and its payloads merged.
    fn at_root(&mut self, field: &Selected<'a>) -> Result<(), Refused> {
        self.counted.roots += 1;
        within(self.counted.roots, MOST_ROOTS, Fault::TooManyFields, "fields at its root")?;
        let name = field.alias.unwrap_or(field.name);
        if self.mutations.as_mut().is_none_or(|names| names.insert(name)) {
            return Ok(());
        }
        Err((Fault::Invalid, format!("The mutation {name} is selected twice. Give each an alias of its own.")))
    }

    fn arguments(&mut self, field: &Selected<'a>) -> Result<(), Refused> {
        let of_variable = |name: &str| self.value_of(name).map_or(0, |value| length(value, &|_| 0));
        let used: usize = field.arguments.values().map(|value| length(value, &of_variable)).sum();
        self.counted.arguments = self.counted.arguments.saturating_add(used);
        within(self.counted.arguments, MOST_ARGUMENTS, Fault::TooCostly, "bytes of arguments")
    }

    /// The schema is about itself, so that its lists can be within each other without end.
    fn of_schema(
        &mut self,
        field: &Selected<'a>,
        known: Option<&Field<DefaultScalarValue>>,
        place: Place<'a>,
    ) -> Result<Option<usize>, Refused> {
        if matches!(field.name, "__schema" | "__type") {
            self.counted.introspects = true;
            return Ok(Some(0));
        }
        let Some(lists) = place.of_schema else { return Ok(None) };
        self.counted.of_schema += 1;
        within(self.counted.of_schema, MOST_OF_SCHEMA, Fault::TooManyFields, "fields of the schema")?;
        let lists = lists + usize::from(known.is_some_and(is_list) && field.name != "args");
        within(lists, DEEPEST_OF_SCHEMA, Fault::TooCostly, "lists of the schema within each other")?;
        Ok(Some(lists))
    }

    /// How many values a field has. A page is counted where it is asked for, and its edges are not counted again.
    fn values(&self, field: Option<&Field<DefaultScalarValue>>, first: Option<&InputValue>) -> usize {
        let Some(field) = field else { return 1 };
        let has_pages = field.arguments.iter().flatten().any(|argument| argument.name == "first");
        if has_pages {
            return self.page(first);
        }
        let is_page = ["edges", "userErrors"].contains(&field.name.as_str());
        match field.name.as_str() {
            _ if is_page || !is_list(field) => 1,
            "permissions" => PERMISSIONS,
            _ => LIST,
        }
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

/// `Type::is_list` of juniper is false for a list that is never null.
fn is_list(field: &Field<DefaultScalarValue>) -> bool {
    field.field_type.to_string().contains('[')
}

/// The length of the texts in a value; anything else counts as one.
fn length(value: &InputValue, of_variable: &impl Fn(&str) -> usize) -> usize {
    match value {
        InputValue::Scalar(DefaultScalarValue::String(text)) => text.len(),
        InputValue::Variable(name) => of_variable(name),
        InputValue::List(values) => values.iter().map(|value| length(&value.item, of_variable)).sum(),
        InputValue::Object(members) => members.iter().map(|(_, value)| length(&value.item, of_variable)).sum(),
        _ => 1,
    }
}

fn within(count: usize, most: usize, fault: Fault, of: &str) -> Result<(), Refused> {
    if count <= most {
        return Ok(());
    }
    Err((fault, format!("An operation may have at most {most} {of}. Split it, or ask for less.")))
}
