//! What a route is: method, path, who may call it, what it takes and gives. One table of these makes the
//! router, the access check, the access matrix test and the API description.

use super::State;
use crate::domain::party::Role;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; who calls is not even looked at.
    Public,
    /// Callers in one of these roles.
    Roles(&'static [Role]),
}

impl Access {
    /// Whether a caller in `role` (`None`: nobody is signed in) may call.
    pub fn allows(self, role: Option<Role>) -> bool {
        match self {
            Self::Public => true,
            Self::Roles(roles) => role.is_some_and(|role| roles.contains(&role)),
        }
    }
}

/// Which door a route belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// For programs; described in the API description; problems are JSON.
    Api,
    /// For people; problems are pages.
    Page,
}

/// A type's schema and those it refers to.
#[derive(Clone, Copy)]
pub struct SchemaOf {
    /// Its name.
    pub name: fn() -> std::borrow::Cow<'static, str>,
    /// Itself.
    pub schema: fn() -> RefOr<Schema>,
    /// Those it refers to.
    pub others: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl SchemaOf {
    /// That of `T`.
    pub fn new<T: ToSchema>() -> Self {
        Self { name: T::name, schema: T::schema, others: T::schemas }
    }
}

/// What a body holds.
#[derive(Clone, Copy)]
pub enum Content {
    /// JSON of this type.
    Json(SchemaOf),
    /// Bytes of these media types.
    Bytes(&'static [&'static str]),
    /// A file in a form (`multipart/form-data`, member `file`) or as it is, of one of these media types.
    Upload(&'static [&'static str]),
    /// Nothing.
    Nothing,
}

/// What the API description says of a route beyond its path.
pub struct Description {
    /// One line.
    pub summary: &'static str,
    /// Group.
    pub tag: &'static str,
    /// Body taken.
    pub takes: Content,
    /// Query string taken.
    pub query: Option<SchemaOf>,
    /// Whether an `Idempotency-Key` must be given.
    pub idempotent: bool,
    /// Status and body of its good answer.
    pub gives: (u16, Content),
    /// Status codes of problems, besides those that follow from what it takes and who may call.
    pub refuses: Vec<u16>,
}

/// One route.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, parameters as `{name}`.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// Which door.
    pub door: Door,
    /// Description, for the API.
    pub description: Option<Description>,
    pub(super) handler: MethodRouter<State>,
}

impl Route {
    fn new<H, T>(method: Method, filter: MethodFilter, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        Self {
            method,
            path,
            access: Access::Roles(&[]),
            door: Door::Page,
            description: None,
            handler: on(filter, handler),
        }
    }

    /// `GET`. Until [`Self::roles`] or [`Self::public`] says otherwise nobody may call.
    pub fn get<H: Handler<T, State>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(Method::GET, MethodFilter::GET, path, handler)
    }

    /// `POST`; see [`Self::get`].
    pub fn post<H: Handler<T, State>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(Method::POST, MethodFilter::POST, path, handler)
    }

    /// `PUT`; see [`Self::get`].
    pub fn put<H: Handler<T, State>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(Method::PUT, MethodFilter::PUT, path, handler)
    }

    /// `DELETE`; see [`Self::get`].
    pub fn delete<H: Handler<T, State>, T: 'static>(path: &'static str, handler: H) -> Self {
        Self::new(Method::DELETE, MethodFilter::DELETE, path, handler)
    }

    /// Callers in these roles may.
    pub fn roles(mut self, roles: &'static [Role]) -> Self {
        self.access = Access::Roles(roles);
        self
    }

    /// Anyone may.
    pub fn public(mut self) -> Self {
        self.access = Access::Public;
        self
    }

    /// Makes it a route of the API.
    pub fn api(mut self, tag: &'static str, summary: &'static str) -> Self {
        self.door = Door::Api;
        self.description = Some(Description {
            summary,
            tag,
            takes: Content::Nothing,
            query: None,
            idempotent: false,
            gives: (204, Content::Nothing),
            refuses: Vec::new(),
        });
        self
    }

    fn describe(mut self, change: impl FnOnce(&mut Description)) -> Self {
        if let Some(description) = &mut self.description {
            change(description);
        }
        self
    }

    /// Takes JSON of type `T`.
    pub fn takes<T: ToSchema>(self) -> Self {
        self.takes_content(Content::Json(SchemaOf::new::<T>()))
    }

    /// Takes this.
    pub fn takes_content(self, content: Content) -> Self {
        self.describe(|d| d.takes = content)
    }

    /// Takes a query string of type `T`.
    pub fn query<T: ToSchema>(self) -> Self {
        self.describe(|d| d.query = Some(SchemaOf::new::<T>()))
    }

    /// Needs an `Idempotency-Key`.
    pub fn idempotent(self) -> Self {
        self.describe(|d| d.idempotent = true)
    }

    /// Answers with JSON of type `T`.
    pub fn gives<T: ToSchema>(self, status: u16) -> Self {
        self.describe(|d| d.gives = (status, Content::Json(SchemaOf::new::<T>())))
    }

    /// Answers with bytes of these media types.
    pub fn gives_bytes(self, types: &'static [&'static str]) -> Self {
        self.describe(|d| d.gives = (200, Content::Bytes(types)))
    }

    /// May refuse with these, besides what follows from what it takes and who may call.
    pub fn refuses(self, statuses: &[u16]) -> Self {
        self.describe(|d| d.refuses.extend_from_slice(statuses))
    }
}
