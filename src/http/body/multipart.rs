//! Forms with files (`multipart/form-data`), bounded as a whole.

use super::{expect_type, read};
use crate::http::problem::{Kind, Problem};
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;

/// Media type of such forms.
pub const MULTIPART: &str = "multipart/form-data";
/// Greatest form: a file of 50 MB, with what the form adds around it.
pub const MAX_MULTIPART: usize = 50 * 1024 * 1024 + 16 * 1024;
/// Most parts of a form.
const MOST_PARTS: usize = 64;
/// Greatest part that is no file.
const MAX_TEXT: usize = 64 * 1024;

/// Whether a request holds such a form.
pub fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with(MULTIPART)
}

/// The parts of a form whose bytes are all there.
pub async fn parts(headers: &HeaderMap, bytes: Bytes) -> Result<Multipart, Problem> {
    let mut request = Request::new(Body::from(bytes));
    *request.headers_mut() = headers.clone();
    // The bytes are bounded already.
    DefaultBodyLimit::disable().apply(&mut request);
    Multipart::from_request(request, &()).await.map_err(|_| unreadable())
}

/// A form that cannot be read.
pub fn unreadable() -> Problem {
    Problem::new(Kind::Malformed, "request.form")
}

/// A file in a form.
pub struct FilePart {
    /// Name of the field.
    pub field: String,
    /// What the sender calls the file.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A page's form that may hold files: its other fields, and the files that were chosen.
pub struct FileForm {
    /// Fields with their values.
    pub fields: Vec<(String, String)>,
    /// Files.
    pub files: Vec<FilePart>,
}

impl<S: Send + Sync> FromRequest<S> for FileForm {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        expect_type(&head.headers, &[MULTIPART])?;
        let whole = read(&head.headers, body, MAX_MULTIPART).await?;
        let mut parts = parts(&head.headers, whole).await?;
        let mut form = Self { fields: Vec::new(), files: Vec::new() };
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|_| unreadable())? {
            count += 1;
            if count > MOST_PARTS {
                return Err(unreadable());
            }
            let field = part.name().ok_or_else(unreadable)?.to_owned();
            let file = part.file_name().map(str::to_owned);
            let bytes = part.bytes().await.map_err(|_| unreadable())?;
            match file {
                // A field for files where none was chosen.
                Some(name) if name.is_empty() && bytes.is_empty() => {}
                Some(name) => form.files.push(FilePart { field, name, bytes: bytes.to_vec() }),
                None if bytes.len() > MAX_TEXT => return Err(unreadable()),
                None => {
                    let text = String::from_utf8(bytes.to_vec()).map_err(|_| unreadable())?;
                    form.fields.push((field, text));
                }
            }
        }
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn form(body: &str) -> Result<FileForm, Problem> {
        let request = Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=b");
        let body = Body::from(body.replace('\n', "\r\n"));
        FileForm::from_request(request.body(body).expect("a request"), &()).await
    }

    #[tokio::test]
    async fn fields_and_files_are_told_apart() {
        let text = "--b\nContent-Disposition: form-data; name=\"a\"\n\n一\n\
            --b\nContent-Disposition: form-data; name=\"f\"; filename=\"纸.pdf\"\n\n%PDF-\n\
            --b\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\n\n\n--b--\n";
        let read = form(text).await.expect("a form");
        assert_eq!(read.fields, [("a".to_owned(), "一".to_owned())]);
        let [file] = read.files.as_slice() else { panic!("{}", read.files.len()) };
        assert_eq!(
            (file.field.as_str(), file.name.as_str(), file.bytes.as_slice()),
            ("f", "纸.pdf", &b"%PDF-"[..])
        );
    }

    #[tokio::test]
    async fn what_is_no_form_and_what_is_too_much_is_refused() {
        let code = |read: Result<FileForm, Problem>| read.err().map(|problem| problem.refusal.code);
        assert_eq!(code(form("--b\nno header\n\n").await), Some("request.form"));
        assert_eq!(
            code(form("--b\nContent-Disposition: form-data\n\nx\n--b--\n").await),
            Some("request.form")
        );
        let part = "--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n";
        assert_eq!(code(form(&format!("{}--b--\n", part.repeat(MOST_PARTS))).await), None);
        assert_eq!(
            code(form(&format!("{}--b--\n", part.repeat(MOST_PARTS + 1))).await),
            Some("request.form")
        );
        let long = part.replace('x', &"x".repeat(MAX_TEXT + 1));
        assert_eq!(code(form(&format!("{long}--b--\n")).await), Some("request.form"));
        let other = Request::post("/").header(CONTENT_TYPE, "text/plain").body(Body::empty());
        let other = FileForm::from_request(other.expect("a request"), &()).await;
        assert_eq!(code(other), Some("request.media_type"));
    }
}
