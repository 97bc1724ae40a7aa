//! `/v1/businesses`, `/v1/standing-rules`

mod people;
mod read;
mod rules;
mod view;
mod write;

use crate::domain::party::Role;
use crate::http::route::Route;

const TAG: &str = "businesses";
const RULES: &str = "standing rules";
const DEPARTMENT: &[Role] = &[Role::Department];
const MANAGER: &[Role] = &[Role::CompanyManager];
const ADMINISTRATOR: &[Role] = &[Role::SealAdministrator];
const RULE_READERS: &[Role] = &[Role::Department, Role::SealAdministrator, Role::Auditor];
const READERS: &[Role] =
    &[Role::Department, Role::SealAdministrator, Role::Auditor, Role::CompanyManager, Role::Sealer];

/// Routes about businesses and the rules that their seals are made under.
pub fn routes() -> Vec<Route> {
    let mut routes = businesses();
    routes.extend(company_people());
    routes.extend(standing_rules());
    routes
}

fn businesses() -> Vec<Route> {
    vec![
        Route::get("/v1/businesses", read::list)
            .api(TAG, "List the businesses that the caller's department registered")
            .roles(DEPARTMENT)
            .query::<read::BusinessQuery>()
            .gives::<read::BusinessList>(200),
        Route::post("/v1/businesses", write::register)
            .api(TAG, "Register a business: its license and its seals in one act")
            .roles(DEPARTMENT)
            .takes::<write::Registration>()
            .idempotent()
            .gives::<view::BusinessView>(201)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/businesses/{code}", read::one)
            .api(TAG, "Read a business with its license and seals")
            .roles(READERS)
            .gives::<view::BusinessView>(200)
            .refuses(&[404, 503]),
        Route::post("/v1/businesses/{code}/change", write::change)
            .api(TAG, "Change a business: a new edition of its license, and with it each seal that says what has changed")
            .roles(DEPARTMENT)
            .takes::<write::BusinessChange>()
            .idempotent()
            .gives::<view::BusinessView>(201)
            .refuses(&[404, 409, 503]),
        Route::post("/v1/businesses/{code}/deregister", write::deregister)
            .api(TAG, "Deregister a business: license, seals, people and grants end together")
            .roles(DEPARTMENT)
            .takes::<write::Deregistration>()
            .gives::<view::BusinessView>(200)
            .refuses(&[404, 409, 503]),
    ]
}

fn company_people() -> Vec<Route> {
    vec![
        Route::post("/v1/businesses/{code}/manager", people::hand_over)
            .api(TAG, "Hand control of the company's seals to a manager; the token is shown this once")
            .roles(DEPARTMENT)
            .takes::<people::ManagerRequest>()
            .gives::<people::NewPerson>(201)
            .refuses(&[404, 409, 503]),
        Route::get("/v1/businesses/{code}/people", people::list)
            .api(TAG, "List the company's people")
            .roles(MANAGER)
            .query::<people::PeopleQuery>()
            .gives::<people::PeopleList>(200)
            .refuses(&[404]),
        Route::post("/v1/businesses/{code}/people", people::let_in)
            .api(TAG, "Let an employee in, who seals under grants alone; the token is shown this once")
            .roles(MANAGER)
            .takes::<people::EmployeeRequest>()
            .gives::<people::NewPerson>(201)
            .refuses(&[404, 409, 503]),
        Route::delete("/v1/businesses/{code}/people/{id}", people::let_go)
            .api(TAG, "Let an employee in no more")
            .roles(MANAGER)
            .refuses(&[404, 503]),
    ]
}

fn standing_rules() -> Vec<Route> {
    vec![
        Route::get("/v1/standing-rules", rules::list)
            .api(RULES, "List the standing rules of a registry")
            .roles(RULE_READERS)
            .query::<rules::RuleQuery>()
            .gives::<rules::RuleList>(200),
        Route::post("/v1/standing-rules", rules::propose)
            .api(RULES, "Propose a standing rule; another seal administrator has to approve it")
            .roles(ADMINISTRATOR)
            .takes::<rules::RuleRequest>()
            .gives::<rules::RuleView>(201)
            .refuses(&[503]),
        Route::post("/v1/standing-rules/{id}/approve", rules::approve)
            .api(RULES, "Approve a standing rule that somebody else proposed")
            .roles(ADMINISTRATOR)
            .gives::<rules::RuleView>(200)
            .refuses(&[403, 404, 409, 503]),
        Route::post("/v1/standing-rules/{id}/withdraw", rules::withdraw)
            .api(RULES, "Withdraw a standing rule; what was made under it stays good")
            .roles(ADMINISTRATOR)
            .takes::<rules::WithdrawRuleRequest>()
            .gives::<rules::RuleView>(200)
            .refuses(&[404, 409, 503]),
    ]
}
