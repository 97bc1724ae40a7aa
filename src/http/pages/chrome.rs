//! What every page has around it: language, type size, who is signed in, the menu. Templates know it as `c`.

use super::icons;
use crate::app::development;
use crate::domain::party::Role;
use crate::http::api::seal_jobs::SEALERS;
use crate::http::caller::Caller;
use crate::http::{State, assets, cookies, language};
use crate::texts::{Language, say};
use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use std::convert::Infallible;

/// Cookie that remembers the type's size.
pub const SIZE_COOKIE: &str = "size";

/// How large the type is. The larger ones are the edition for the elderly (适老化), whose type can be made larger still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As for everybody.
    Normal,
    /// The edition for the elderly.
    Large,
    /// The same with the largest type.
    Largest,
}

impl Size {
    /// As the style sheet, the cookie and links name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Large => "large",
            Self::Largest => "largest",
        }
    }

    /// The size of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Normal, Self::Large, Self::Largest].into_iter().find(|size| size.name() == name)
    }
}

/// A link to another size of type.
pub struct SizeLink {
    /// Where to.
    pub href: String,
    /// In the frame of the page.
    pub short: String,
    /// On a button.
    pub long: String,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The credential's label.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// What forms repeat.
    pub csrf: String,
}

/// Around a page.
#[derive(Clone, Debug)]
pub struct Chrome {
    /// Language.
    pub language: Language,
    /// How large the type is.
    pub type_size: Size,
    /// Whether the service runs with development keys.
    pub development: bool,
    /// Path and query asked for.
    pub address: String,
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
}

/// A line of the menu.
pub struct MenuItem {
    /// Where to.
    pub href: &'static str,
    /// Its words.
    pub text: String,
    /// Whether this page is it.
    pub current: bool,
}

/// A door on the first page. `title` and `text` are codes.
pub struct Entrance {
    /// Where to.
    pub href: &'static str,
    /// Icon.
    pub icon: &'static str,
    /// What.
    pub title: &'static str,
    /// More about it.
    pub text: &'static str,
}

impl Chrome {
    /// A page for nobody in particular, e.g. one that says no.
    pub fn bare(language: Language) -> Self {
        Self { language, type_size: Size::Normal, development: false, address: "/".into(), signed_in: None }
    }

    /// The text of `code`.
    pub fn t(&self, code: &str) -> String {
        say(code, self.language, [])
    }

    /// The text of `code` with values.
    pub fn f(&self, code: &str, args: impl AsRef<[(&'static str, String)]>) -> String {
        say(code, self.language, args.as_ref())
    }

    /// For `lang`.
    pub fn lang_tag(&self) -> &'static str {
        self.language.tag()
    }

    /// The other language, for the switch.
    pub fn other_tag(&self) -> &'static str {
        self.other().tag()
    }

    fn other(&self) -> Language {
        match self.language {
            Language::Chinese => Language::English,
            Language::English => Language::Chinese,
        }
    }

    /// Type size, as the style sheet names it.
    pub fn size(&self) -> &'static str {
        self.type_size.name()
    }

    /// Link that changes the language and comes back here.
    pub fn switch_language(&self) -> String {
        self.preference("lang", self.other().name())
    }

    /// Links to the other sizes of type that come back here.
    pub fn sizes(&self) -> Vec<SizeLink> {
        let link = |size: Size, short: &str, long: &str| SizeLink {
            href: self.preference("size", size.name()),
            short: self.t(short),
            long: self.t(long),
        };
        let normal = || link(Size::Normal, "site.size_normal", "site.size_normal");
        match self.type_size {
            Size::Normal => vec![link(Size::Large, "site.size_large", "wallet.large")],
            Size::Large => vec![link(Size::Largest, "site.size_larger", "site.size_larger"), normal()],
            Size::Largest => vec![link(Size::Large, "site.size_smaller", "site.size_smaller"), normal()],
        }
    }

    fn preference(&self, name: &str, value: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair(name, value).append_pair("back", &self.address);
        format!("/preferences?{}", query.finish())
    }

    /// What forms repeat; empty where nobody is signed in.
    pub fn csrf(&self) -> &str {
        self.signed_in.as_ref().map_or("", |caller| &caller.csrf)
    }

    /// An asset's address.
    pub fn asset(&self, name: &str) -> String {
        assets::address(name).to_owned()
    }

    /// An icon.
    pub fn icon(&self, name: &str) -> String {
        icons::icon(name)
    }

    /// A verdict's shape.
    pub fn shape(&self, name: &str) -> String {
        icons::shape(name)
    }

    /// The icon of a finding's weight, in the weight's colour.
    pub fn weight_icon(&self, weight: &str) -> String {
        let name = match weight {
            "good" => "tick",
            "bad" => "octagon",
            "unclear" => "triangle",
            _ => "note",
        };
        format!("<span data-weight=\"{weight}\">{}</span>", icons::icon(name))
    }

    /// A role in words.
    pub fn role(&self, role: &Role) -> String {
        self.t(&format!("role.{}", role.name()))
    }

    /// Where someone in this role works; the first page for those without a page of their own.
    pub const fn own_page(role: Role) -> &'static str {
        match role {
            Role::Department => "/department",
            Role::SealAdministrator => "/seals",
            Role::Holder => "/wallet",
            Role::Clerk | Role::Institution => "/desk",
            Role::Operator => "/operator/webhooks",
            Role::CompanyManager | Role::Sealer => "/space",
            Role::Auditor => "/disputes",
        }
    }

    /// Whether an operator is signed in.
    pub fn is_operator(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|caller| caller.role == Role::Operator)
    }

    /// Where this person's webhooks are: a department's, or, for operators, all.
    pub fn webhooks(&self) -> &'static str {
        match self.signed_in.as_ref().map(|caller| caller.role) {
            Some(Role::Department) => "/department/webhooks",
            _ => "/operator/webhooks",
        }
    }

    /// The menu: one's own page, the public ones, the way in.
    pub fn menu(&self) -> Vec<MenuItem> {
        let own = self.signed_in.as_ref().map(|caller| match caller.role {
            Role::Department => ("/department", "nav.department"),
            Role::SealAdministrator => ("/seals", "nav.seals"),
            Role::Holder => ("/wallet", "nav.wallet"),
            Role::Clerk | Role::Institution => ("/desk", "nav.desk"),
            Role::Operator => ("/operator/webhooks", "nav.webhooks"),
            Role::CompanyManager | Role::Sealer => ("/space", "nav.company"),
            Role::Auditor => ("/disputes", "nav.disputes"),
        });
        let mut items: Vec<(&'static str, &'static str)> = own.into_iter().collect();
        if items.first().is_some_and(|(href, _)| *href == "/department") {
            items.push(("/department/envelopes", "nav.envelopes"));
        }
        if self.signed_in.as_ref().is_some_and(|caller| SEALERS.contains(&caller.role)) {
            items.push(("/seal-documents", "nav.documents"));
        }
        if self.is_operator() {
            items.push(("/disputes", "nav.disputes"));
        }
        if items.first().is_some_and(|(href, _)| *href == "/wallet") {
            items.push(("/space", "nav.space"));
            items.push(("/wallet/requests", "nav.requests"));
        }
        if items.first().is_some_and(|(href, _)| *href == "/desk") {
            items.push(("/desk/ask", "nav.ask"));
        }
        items.extend([("/verify", "nav.verify"), ("/c", "nav.code")]);
        if self.signed_in.is_none() {
            items.push(("/sign-in", "nav.sign_in"));
        }
        let path = self.address.split('?').next().unwrap_or_default();
        let below =
            |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        // Of two doors that lead here, one inside the other, it is the inner one.
        let here =
            items.iter().map(|(href, _)| *href).filter(|href| below(href)).max_by_key(|href| href.len());
        items
            .into_iter()
            .map(|(href, code)| MenuItem { href, text: self.t(code), current: here == Some(href) })
            .collect()
    }

    /// The doors on the first page.
    pub fn doors(&self) -> Vec<Entrance> {
        [
            ("/department", "license", "home.door_department", "home.door_department_text"),
            ("/wallet", "phone", "home.door_wallet", "home.door_wallet_text"),
            ("/desk", "desk", "home.door_desk", "home.door_desk_text"),
            ("/verify", "check", "home.door_verify", "home.door_verify_text"),
        ]
        .into_iter()
        .map(|(href, icon, title, text)| Entrance { href, icon, title, text })
        .collect()
    }
}

impl FromRequestParts<State> for Chrome {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let asked = query_value(&parts.uri, "lang").and_then(|tag| Language::of_tag(&tag));
        let signed_in = parts.extensions.get::<Caller>().map(|caller| SignedIn {
            label: caller.credential.label.clone(),
            role: caller.credential.role,
            csrf: caller.session.as_ref().map(|session| session.csrf.clone()).unwrap_or_default(),
        });
        Ok(Self {
            language: asked.unwrap_or_else(|| language::of(&parts.headers)),
            type_size: cookies::get(&parts.headers, SIZE_COOKIE)
                .and_then(|name| Size::of_name(&name))
                .unwrap_or(Size::Normal),
            development: development::is_on(state),
            address: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            signed_in,
        })
    }
}

fn query_value(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}
