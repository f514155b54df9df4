//! The built-in catcher: keeps what would be sent, one entry a key, and sends nothing.

use serde_json::{Map, Value, json};

use super::{Parcel, Transport, Undelivered};
use crate::{
    Result,
    store::{
        Store,
        tables::caught::{self, Caught},
    },
};

/// Stands where a gateway would.
#[derive(Clone, Debug)]
pub struct Catcher {
    store: Store,
}

impl Catcher {
    /// One that keeps what it is handed in a store, in a commit of its own as a gateway would.
    pub fn new(store: Store) -> Catcher {
        Catcher { store }
    }
}

impl Transport for Catcher {
    fn send(&self, parcels: &[Parcel]) -> Vec<Result<(), Undelivered>> {
        let all: Vec<Caught> = parcels.iter().map(caught).collect();
        let kept = self.store.commit_blocking(move |tx| all.iter().try_for_each(|one| caught::put(tx, one)));
        if let Err(error) = &kept {
            tracing::warn!(%error, "the catcher could not keep what it was handed");
        }
        parcels.iter().map(|_| kept.as_ref().copied().map_err(|_| Undelivered::Unreachable)).collect()
    }
}

fn caught(parcel: &Parcel) -> Caught {
    let headers: Map<String, Value> =
        parcel.headers.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    Caught {
        key: parcel.key.clone(),
        at: parcel.at,
        channel: parcel.channel.as_str().to_owned(),
        address: parcel.address.clone(),
        subject: parcel.subject.clone(),
        body: parcel.body.clone(),
        headers: Value::Object(headers),
        n_handed: 1,
    }
}
