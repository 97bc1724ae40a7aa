//! Forms made from a license kind, and faults shown where they lie.

use super::chrome::Chrome;
use super::given;
use super::words::either;
use crate::domain::license::kind::{Field, FieldType};
use crate::domain::refusal::Fault;
use crate::http::problem::{Kind, Problem};

/// Most choices that are shown side by side rather than in a list.
const FEW: usize = 4;
/// Most characters that are entered in a box of one line.
const ONE_LINE: usize = 120;

/// How a field is entered.
#[derive(Clone, Debug)]
pub enum Input {
    /// One line of at most this many characters.
    Line(usize),
    /// Several lines.
    Lines(usize),
    /// A date.
    Date,
    /// A number.
    Number,
    /// A code of letters and digits.
    Code,
    /// Files of these sorts (as a browser is told them), one or several.
    File {
        /// Media types and endings, with commas between.
        accept: &'static str,
        /// Whether several may be chosen.
        several: bool,
    },
    /// One of few.
    Radios(Vec<(String, String)>),
    /// One of many.
    Choice(Vec<(String, String)>),
}

/// A field of a form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// Name it is sent under.
    pub name: String,
    /// Identifier in the page.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// What to enter.
    pub help: String,
    /// Whether it must be given.
    pub required: bool,
    /// The form of what is entered, as a regular expression.
    pub pattern: Option<String>,
    /// How it is entered.
    pub input: Input,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// A fault, and the field it lies in.
#[derive(Clone, Debug)]
pub struct ShownFault {
    /// Identifier of the field in the page.
    pub target: Option<String>,
    /// In words.
    pub text: String,
}

impl FormField {
    /// A field of a kind with what was entered so far.
    pub fn of_kind(c: &Chrome, field: &Field, value: String) -> Self {
        let (input, help) = match &field.field_type {
            // A long text is one paragraph, but nobody can read it over in one line.
            FieldType::Text { max, multiline: false, .. } => {
                let input = if *max > ONE_LINE { Input::Lines(*max) } else { Input::Line(*max) };
                (input, c.f("form.help_text", [("max", max.to_string())]))
            }
            FieldType::Text { max, multiline: true, .. } => {
                (Input::Lines(*max), c.f("form.help_lines", [("max", max.to_string())]))
            }
            FieldType::Date { future: true } => (Input::Date, c.t("form.help_date")),
            FieldType::Date { future: false } => (Input::Date, c.t("form.help_date_past")),
            FieldType::Money => (Input::Number, c.t("form.help_money")),
            FieldType::Number { decimals, min, max } => {
                let number = match decimals {
                    0 => c.t("form.help_number"),
                    _ => c.f("form.help_number_decimals", [("decimals", decimals.to_string())]),
                };
                let range = match (min, max) {
                    (None, None) => String::new(),
                    (Some(min), None) => c.f("form.help_least", [("min", min.clone())]),
                    (None, Some(max)) => c.f("form.help_greatest", [("max", max.clone())]),
                    (Some(min), Some(max)) => {
                        c.f("form.help_range", [("min", min.clone()), ("max", max.clone())])
                    }
                };
                (Input::Number, format!("{number}{range}"))
            }
            FieldType::Enumeration { choices } => {
                let named: Vec<_> =
                    choices.iter().map(|(code, name)| (code.clone(), either(c, name).to_owned())).collect();
                let input = if named.len() <= FEW { Input::Radios(named) } else { Input::Choice(named) };
                (input, c.t("form.help_choice"))
            }
            FieldType::CreditCode => (Input::Code, c.t("form.help_credit_code")),
            FieldType::IdentityNumber => (Input::Code, c.t("form.help_identity")),
        };
        let form = match &field.field_type {
            FieldType::Text { form, .. } => form.as_ref(),
            _ => None,
        };
        // What the form asks for says more than how long it may be.
        let help =
            form.map_or(help, |form| c.f("form.help_form", [("hint", either(c, form.hint()).to_owned())]));
        let exemplary = matches!(
            field.field_type,
            FieldType::Text { .. } | FieldType::CreditCode | FieldType::Money | FieldType::Number { .. }
        );
        let help = if exemplary && !field.example.is_empty() && field.example.chars().count() <= 40 {
            format!("{help} {}", c.f("form.example", [("example", field.example.clone())]))
        } else {
            help
        };
        Self {
            id: format!("field-{}", field.name),
            name: field.name.clone(),
            title: either(c, &field.title).to_owned(),
            help,
            required: field.required,
            pattern: form.map(|form| form.pattern().to_owned()),
            input,
            value,
            fault: None,
        }
    }

    /// A field that must be given, called and helped with by these texts, with what was entered so far or else what is usual.
    pub fn asked(
        c: &Chrome,
        form: &[(String, String)],
        (name, title, help): (&str, &str, &str),
        input: Input,
        usual: &str,
    ) -> Self {
        let entered = given(form, name);
        Self {
            name: name.to_owned(),
            id: format!("field-{name}"),
            title: c.t(title),
            help: c.t(help),
            required: true,
            pattern: None,
            input,
            value: if entered.is_empty() { usual } else { entered }.to_owned(),
            fault: None,
        }
    }

    /// The same, but it may be left empty.
    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    /// Its choices if they stand side by side.
    pub fn radios(&self) -> Option<&[(String, String)]> {
        match &self.input {
            Input::Radios(choices) => Some(choices),
            _ => None,
        }
    }

    /// Whether its values are short.
    pub fn short(&self) -> bool {
        matches!(self.input, Input::Date | Input::Number | Input::Choice(_))
    }

    /// Identifiers of what describes it.
    pub fn described_by(&self) -> String {
        let id = &self.id;
        if self.fault.is_some() { format!("{id}-help {id}-fault") } else { format!("{id}-help") }
    }
}

/// What the form shows of a refusal: its faults, or itself as a fault of the whole. What the form cannot mend is
/// a problem of its own.
pub fn faults_of(problem: Problem) -> Result<Vec<Fault>, Problem> {
    if !matches!(problem.kind, Kind::Invalid | Kind::Conflict | Kind::Forbidden | Kind::Unavailable) {
        return Err(problem);
    }
    let refusal = problem.refusal;
    if refusal.faults.is_empty() {
        return Ok(vec![Fault { pointer: String::new(), code: refusal.code, args: refusal.args }]);
    }
    Ok(refusal.faults)
}

/// Puts each fault at its field (`/data/<name>` or `/<name>`) and lists them all in the order of the form.
pub fn place(c: &Chrome, fields: &mut [FormField], faults: &[Fault]) -> Vec<ShownFault> {
    let mut placed = Vec::new();
    let mut others = Vec::new();
    for fault in faults {
        let text = c.f(fault.code, &fault.args);
        let name = fault.pointer.strip_prefix("/data/").or_else(|| fault.pointer.strip_prefix('/'));
        match fields.iter_mut().enumerate().find(|(_, field)| Some(field.name.as_str()) == name) {
            Some((at, field)) => {
                let shown = format!("{}: {text}", field.title);
                placed.push((at, ShownFault { target: Some(field.id.clone()), text: shown }));
                field.fault.get_or_insert(text);
            }
            None => others.push(ShownFault { target: None, text }),
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    placed.into_iter().map(|(_, fault)| fault).chain(others).collect()
}
