//! Codes drawn, and claimed by counters: the moment that somebody waits for.

use super::city::City;
use super::load::{self, Inside, Measured};
use crate::app::{redeem_show_code, show_license};
use crate::domain::license::LicenseId;
use crate::domain::suite::Suite;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Codes are drawn by chance and looked up: nothing is signed.
const INSIDE: Inside = Inside { suite: Suite::P256, signs: 0, verifies: 0 };

/// Draws codes of one license for a span, then claims them, each once, until the span or the codes are over.
pub async fn measure(city: &Arc<City>, license: &LicenseId, callers: usize, span: Duration) -> [Measured; 2] {
    let codes = Arc::new(Mutex::new(Vec::new()));
    let (each, drawn, id) = (Arc::clone(city), Arc::clone(&codes), license.clone());
    let draw = load::run("draw a show code", vec![INSIDE], callers, span, move |_| {
        let (city, drawn, id) = (each.clone(), drawn.clone(), id.clone());
        async move {
            let request = show_license::Request {
                chosen: vec![show_license::Chosen { license: id, fields: city.shown() }],
                purpose: "bench".to_owned(),
                reason: None,
                seconds: Some(600),
            };
            let code = show_license::run(&city.service, &city.holder, request).await.ok()?.code;
            drawn.lock().unwrap_or_else(PoisonError::into_inner).push(code.digits().to_owned());
            Some(true)
        }
    });
    let draw = draw.await;
    let each = Arc::clone(city);
    let redeem = load::run("redeem a show code", vec![INSIDE], callers, span, move |_| {
        let (city, codes) = (each.clone(), codes.clone());
        async move {
            let code = codes.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
            let request = redeem_show_code::Request { code, matter: "bench".to_owned() };
            Some(redeem_show_code::run(&city.service, &city.clerk, request).await.is_ok())
        }
    });
    [draw, redeem.await]
}
