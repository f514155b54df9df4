//! Taking a request's body in, within a size and a time, and letting go of one that is not wanted.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::{Error, ErrorKind, Result};

/// A body that dribbles in for longer holds a connection for nothing.
const WITHIN: Duration = Duration::from_secs(60);
/// What is still read of a body that was refused. Without it the connection is cut while the caller is writing, and the
/// refusal is never read.
const UNWANTED_BYTES: usize = 256 << 10;
const UNWANTED_WITHIN: Duration = Duration::from_secs(5);

/// The whole body.
///
/// # Errors
/// `body.too_large`; `body.invalid` when it is too slow or breaks off.
pub async fn receive(body: Body, limit: usize) -> Result<Bytes> {
    let is_known_too_large = body.size_hint().lower() > limit as u64;
    let mut stream = body.into_data_stream();
    let received = match is_known_too_large {
        true => Err(too_large(limit)),
        false => tokio::time::timeout(WITHIN, collect(&mut stream, limit)).await.unwrap_or_else(|_| {
            Err(Error::invalid("body", format!("the body was not there within {} s", WITHIN.as_secs())))
        }),
    };
    if received.is_err() {
        pass_over(stream, 4 * limit).await;
    }
    received
}

/// Let go of a body nobody wants.
pub async fn let_go(body: Body) {
    let_go_of(body, UNWANTED_BYTES).await;
}

/// Let go of a body that may have been meant in earnest up to a size, so that its sender reads why it is refused.
pub async fn let_go_of(body: Body, max_bytes: usize) {
    pass_over(body.into_data_stream(), max_bytes).await;
}

/// The digest of a body, of which nothing is kept.
///
/// # Errors
/// `body.too_large`, `body.invalid`.
pub async fn digest_of(body: Body, limit: u64) -> Result<String> {
    let mut stream = body.into_data_stream();
    let read = async {
        let (mut hash, mut n_bytes) = (Sha256::new(), 0);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| Error::invalid("body", "the body broke off").caused_by(error))?;
            n_bytes += chunk.len() as u64;
            if n_bytes > limit {
                return Err(too_large(usize::try_from(limit).unwrap_or(usize::MAX)));
            }
            hash.update(&chunk);
        }
        Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let slow = || Err(Error::invalid("body", format!("the body was not there within {} s", WITHIN.as_secs())));
    tokio::time::timeout(WITHIN, read).await.unwrap_or_else(|_| slow())
}

async fn collect(stream: &mut BodyDataStream, limit: usize) -> Result<Bytes> {
    let mut whole: Vec<u8> = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Error::invalid("body", "the body broke off").caused_by(error))?;
        if whole.len() + chunk.len() > limit {
            return Err(too_large(limit));
        }
        // Most bodies are one chunk, which is taken over as it is.
        if whole.is_empty() && stream.is_end_stream() {
            return Ok(chunk);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

async fn pass_over(mut stream: BodyDataStream, max_bytes: usize) {
    let read = async {
        let mut n_bytes = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            n_bytes += chunk.len();
            if n_bytes > max_bytes {
                return;
            }
        }
    };
    // Whoever is still sending then is cut off.
    let _ = tokio::time::timeout(UNWANTED_WITHIN, read).await;
}

fn too_large(limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, "body.too_large", format!("the body has more than {limit} bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunked(chunks: &[&'static str]) -> Body {
        let chunks: Vec<Result<&'static str, std::io::Error>> = chunks.iter().map(|chunk| Ok(*chunk)).collect();
        Body::from_stream(futures::stream::iter(chunks))
    }

    #[tokio::test]
    async fn a_body_is_taken_whole_or_not_at_all() {
        assert_eq!(receive(Body::from("12345"), 5).await.unwrap(), "12345");
        assert_eq!(receive(chunked(&["12", "345"]), 5).await.unwrap(), "12345");
        assert_eq!(receive(Body::empty(), 5).await.unwrap(), "");
        for body in [Body::from("123456"), chunked(&["123", "456"])] {
            assert_eq!(receive(body, 5).await.unwrap_err().code, "body.too_large");
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        let chunks = [Ok("12"), Err(std::io::Error::other("gone"))];
        let error = receive(Body::from_stream(futures::stream::iter(chunks)), 5).await.unwrap_err();
        assert_eq!(error.code, "body.invalid");
    }
}
