//! Taking a file in piece by piece: never more of it in memory than a piece, and nothing left of one that breaks off.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, HttpBody as _};
use futures::StreamExt;

use super::super::{Shared, guard};
use crate::{
    Error, ErrorKind, Result,
    store::{Incoming, Received},
};

/// Written to the disk at a time.
const PIECE_BYTES: usize = 256 << 10;
/// A file that dribbles in for longer holds a connection for nothing.
const WITHIN: Duration = Duration::from_secs(300);

/// The whole file, on the disk.
///
/// # Errors
/// `body.too_large`, `body.invalid` when it is too slow, breaks off or is empty, `store.refused`.
pub async fn receive(http: &Shared, body: Body, limit: u64) -> Result<Received> {
    if body.size_hint().lower() > limit {
        let_go(body, limit).await;
        return Err(too_large(limit));
    }
    let incoming = http.app.store.blobs().begin(http.app.clock.now())?;
    let mut stream = body.into_data_stream();
    let slow = || Err(Error::invalid("body", format!("the file was not there within {} s", WITHIN.as_secs())));
    let whole = tokio::time::timeout(WITHIN, collect(&mut stream, incoming, limit)).await.unwrap_or_else(|_| slow());
    if whole.is_err() {
        let_go(Body::from_stream(stream), limit).await;
    }
    let received = blocking(whole?, Incoming::finish).await?;
    if received.size == 0 {
        return Err(Error::invalid("attachment", "the body is empty: send the file itself as the body")
            .coded("attachment.empty"));
    }
    Ok(received)
}

/// Read on for a while, so that whoever sends reads the refusal instead of finding the connection cut.
pub async fn let_go(body: Body, limit: u64) {
    guard::let_go_of(body, usize::try_from(limit.saturating_mul(4)).unwrap_or(usize::MAX)).await;
}

async fn collect(stream: &mut BodyDataStream, mut incoming: Incoming, limit: u64) -> Result<Incoming> {
    let mut piece: Vec<u8> = Vec::with_capacity(PIECE_BYTES);
    let mut size = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| Error::invalid("body", "the file broke off").caused_by(error))?;
        size += chunk.len() as u64;
        if size > limit {
            return Err(too_large(limit));
        }
        piece.extend_from_slice(&chunk);
        if piece.len() >= PIECE_BYTES {
            let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE_BYTES));
            incoming = written(incoming, full).await?;
        }
    }
    written(incoming, piece).await
}

async fn written(incoming: Incoming, piece: Vec<u8>) -> Result<Incoming> {
    let write = move |mut incoming: Incoming| {
        incoming.write(&piece)?;
        Ok(incoming)
    };
    blocking(incoming, write).await
}

/// The disk is waited for off the runtime's own threads.
async fn blocking<T: Send + 'static, U: Send + 'static>(
    value: T,
    work: impl FnOnce(T) -> Result<U> + Send + 'static,
) -> Result<U> {
    tokio::task::spawn_blocking(move || work(value)).await.map_err(Error::internal)?
}

fn too_large(limit: u64) -> Error {
    Error::new(ErrorKind::TooLarge, "body.too_large", format!("the file has more than {limit} bytes"))
}
