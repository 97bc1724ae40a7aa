use super::*;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

const SHORT: Duration = Duration::from_millis(400);
const LOOPBACK: Reach = Reach { private: false, loopback: true };

fn message(url: String) -> Message {
    Message {
        url,
        id: "m1".into(),
        timestamp: 1_700_000_000,
        signature: "v1,a v1,b".into(),
        body: "{\"type\":\"license.issued\"}".into(),
    }
}

/// A receiver of one connection that does as it is told with it, and passes on what it was sent.
fn receiver(then: impl FnOnce(&mut TcpStream) + Send + 'static) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (heard, hear) = channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut request = Vec::new();
        let mut piece = [0; 4096];
        while !request.ends_with(b"}") {
            let count = stream.read(&mut piece).expect("readable");
            if count == 0 {
                break;
            }
            request.extend_from_slice(&piece[..count]);
        }
        heard.send(String::from_utf8(request).expect("UTF-8")).expect("somebody listens");
        then(&mut stream);
    });
    (format!("http://127.0.0.1:{port}/hook"), hear)
}

fn send(url: String) -> Result<Answer, SendError> {
    HttpWebhooks::within(LOOPBACK, None, SHORT, SHORT).send(&message(url))
}

fn answers(text: &'static str) -> Result<Answer, SendError> {
    let (url, _heard) = receiver(move |stream| {
        // The sender may have gone already.
        let _ = stream.write_all(text.as_bytes());
    });
    send(url)
}

#[test]
fn a_message_is_sent_as_the_standard_says() {
    let (url, heard) = receiver(|stream| stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("sent"));
    assert_eq!(send(url), Ok(Answer { status: 204, retry_after: None }));
    let request = heard.recv().expect("a request");
    let (head, body) = request.split_once("\r\n\r\n").expect("a body");
    assert_eq!(body, "{\"type\":\"license.issued\"}");
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /hook HTTP/1.1"));
    let lines: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    for wanted in [
        "content-type: application/json",
        "webhook-id: m1",
        "webhook-timestamp: 1700000000",
        "webhook-signature: v1,a v1,b",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted} in {head}");
    }
}

#[test]
fn whatever_is_answered_is_only_a_status() {
    let status = |text| answers(text).map(|answer| answer.status);
    assert_eq!(status("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"), Ok(500));
    assert_eq!(status("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"), Ok(410));
    // Nobody follows, wherever it leads.
    for text in [
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 307 Again\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n",
    ] {
        assert!(matches!(status(text), Ok(302 | 307)), "{text}");
    }
    // A body that is announced and never comes is not waited for.
    assert_eq!(status("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"), Ok(200));
    let wish = answers("HTTP/1.1 429 Slow\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(wish, Ok(Answer { status: 429, retry_after: Some(Duration::from_secs(120)) }));
    let date = "HTTP/1.1 429 Slow\r\nRetry-After: Fri, 27 Nov 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answers(date), Ok(Answer { status: 429, retry_after: None }));
}

#[test]
fn silence_and_noise_are_told_apart_and_end() {
    assert_eq!(answers("SSH-2.0-OpenSSH_9.2\r\n\r\n"), Err(SendError::Unreadable));
    let (url, _heard) = receiver(|stream| {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
    });
    assert_eq!(send(url), Err(SendError::Timeout), "it never answers");
    // One byte now and then does not keep the attempt alive.
    let (url, _heard) = receiver(|stream| {
        for byte in b"HTTP/1.1 200 OK\r\nX: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
            if stream.write_all(&[*byte]).is_err() {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(send(url), Err(SendError::Timeout), "it dribbles");
    let endless = "HTTP/1.1 200 OK\r\nX: ".to_owned() + &"a".repeat(HEAD * 2);
    let (url, _heard) = receiver(move |stream| {
        let _ = stream.write_all(endless.as_bytes());
    });
    assert!(matches!(send(url), Err(SendError::Unreadable | SendError::Unreachable)));
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    assert_eq!(send(format!("http://{closed}/")), Err(SendError::Unreachable));
    assert_eq!(send("http://no-such-name.invalid/".into()), Err(SendError::Unreachable));
}

#[test]
fn nothing_is_sent_to_an_address_that_is_not_allowed_whatever_its_name() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let strict = HttpWebhooks::within(Reach::default(), None, SHORT, SHORT);
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"] {
        let sent = strict.send(&message(format!("https://{host}:{port}/")));
        assert_eq!(sent, Err(SendError::AddressRefused), "{host}");
    }
    for url in
        ["https://169.254.169.254/", "https://10.0.0.1/", "http://1.1.1.1/", "https://192.168.0.1:8443/"]
    {
        assert_eq!(strict.send(&message(url.to_owned())), Err(SendError::AddressRefused), "{url}");
    }
    listener.set_nonblocking(true).expect("set");
    assert!(listener.accept().is_err(), "somebody knocked");
    // The twin: told that it may, it knocks, and finds no TLS there.
    let (url, _heard) = receiver(|_| {});
    let inner = HttpWebhooks::within(Reach { private: true, loopback: false }, None, SHORT, SHORT);
    assert_eq!(inner.send(&message(url.clone())), Err(SendError::AddressRefused), "without TLS it may not");
    let sent = inner.send(&message(format!("https://127.0.0.1:{port}/")));
    assert!(matches!(sent, Err(SendError::Timeout | SendError::Tls)), "{sent:?}");
    listener.accept().expect("it knocked");
}
