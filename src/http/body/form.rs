//! Forms with a file in them (`multipart/form-data`), whole and bounded.

use crate::http::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Request};

/// Most parts of a form.
const MAX_PARTS: usize = 60;
/// Greatest part that is no file, in bytes.
const MAX_FIELD: usize = 8 * 1024;

/// What a form with a file holds.
#[derive(Default)]
pub struct FormWithFile {
    /// Names and values of its fields.
    pub fields: Vec<(String, String)>,
    /// The file's name, as whoever sends it has it, and its bytes.
    pub file: Option<(String, Bytes)>,
}

/// Whether a body is such a form.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("multipart/form-data")
}

/// Reads a form whose bytes are all there.
pub async fn form_with_file(headers: &HeaderMap, bytes: Bytes) -> Result<FormWithFile, Problem> {
    let unreadable = || Problem::new(Kind::Malformed, "request.form");
    let mut request = Request::new(Body::from(bytes));
    let kind = headers.get(CONTENT_TYPE).ok_or_else(unreadable)?;
    request.headers_mut().insert(CONTENT_TYPE, kind.clone());
    // The bytes were bounded when they were read.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    let mut form = FormWithFile::default();
    for _ in 0..MAX_PARTS {
        let Some(part) = parts.next_field().await.map_err(|_| unreadable())? else { return Ok(form) };
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| unreadable())?;
        match file_name {
            Some(file_name) => form.file = Some((file_name, bytes)),
            None if bytes.len() > MAX_FIELD => return Err(unreadable()),
            None => {
                let value = String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?;
                form.fields.push((name, value));
            }
        }
    }
    Err(unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers() -> HeaderMap {
        let kind = HeaderValue::from_static("multipart/form-data; boundary=X");
        HeaderMap::from_iter([(CONTENT_TYPE, kind)])
    }

    #[tokio::test]
    async fn fields_and_file_are_read_and_what_is_cut_is_refused() {
        let text = "--X\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
                    --X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"合同.pdf\"\r\n\r\n%PDF\r\n--X--\r\n";
        let form = form_with_file(&headers(), Bytes::from(text)).await.expect("a form");
        assert_eq!(form.fields, [("csrf".to_owned(), "abc".to_owned())]);
        assert_eq!(form.file, Some(("合同.pdf".to_owned(), Bytes::from("%PDF"))));
        let cut = Bytes::from(text[..text.len() - 12].to_owned());
        assert!(form_with_file(&headers(), cut).await.is_err());
        let large = text.replace("abc", &"a".repeat(MAX_FIELD + 1));
        assert!(form_with_file(&headers(), Bytes::from(large)).await.is_err());
        let many = "--X\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n".repeat(MAX_PARTS + 1);
        assert!(form_with_file(&headers(), Bytes::from(format!("{many}--X--\r\n"))).await.is_err());
    }
}
