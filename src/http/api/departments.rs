//! `/v1/departments`

use crate::app::register_department;
use crate::domain::party::{Department, Role};
use crate::http::body::Strict;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::http::{self, detach};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Routes about departments.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/v1/departments", list)
            .api("departments", "List the departments that issue licenses")
            .public()
            .gives::<DepartmentList>(200),
        Route::post("/v1/departments", put)
            .api("departments", "Enter a department into the register, or correct the one of the same code")
            .roles(&[Role::Operator])
            .takes::<DepartmentBody>()
            .gives::<DepartmentBody>(200)
            .refuses(&[503]),
    ]
}

/// A department.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartmentBody {
    /// Unified social credit code (GB 32100-2015).
    #[schema(pattern = "^[0-9A-Z]{18}$")]
    code: String,
    /// Chinese name in full, as on its seal.
    #[schema(min_length = 2, max_length = 40)]
    name_zh: String,
    /// English name.
    #[schema(min_length = 2, max_length = 120)]
    name_en: String,
    /// Administrative division code (GB/T 2260).
    #[schema(pattern = "^[0-9]{6}$")]
    area_code: String,
    /// What it is responsible for, as license kinds name it.
    #[schema(pattern = "^[a-z-]{1,60}$", example = "market-regulation")]
    responsibility: String,
}

/// All departments.
#[derive(Serialize, ToSchema)]
pub struct DepartmentList {
    /// By code.
    items: Vec<DepartmentBody>,
}

impl From<Department> for DepartmentBody {
    fn from(department: Department) -> Self {
        Self {
            code: department.code,
            name_zh: department.name_zh,
            name_en: department.name_en,
            area_code: department.area_code,
            responsibility: department.responsibility,
        }
    }
}

async fn list(State(state): State<http::State>) -> Result<Json<DepartmentList>, Problem> {
    let items = register_department::list(&state).await?;
    Ok(Json(DepartmentList { items: items.into_iter().map(DepartmentBody::from).collect() }))
}

async fn put(
    State(state): State<http::State>,
    caller: Caller,
    Strict(body): Strict<DepartmentBody>,
) -> Result<Json<DepartmentBody>, Problem> {
    let department = Department {
        code: body.code,
        name_zh: body.name_zh,
        name_en: body.name_en,
        area_code: body.area_code,
        responsibility: body.responsibility,
    };
    let put = async move { register_department::run(&state, &caller.credential, department).await };
    Ok(Json(detach(put).await?.into()))
}
