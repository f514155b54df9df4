//! Which transport takes which channel.

use std::collections::BTreeMap;

use super::{Catcher, OutboundConfig, Parcel, Transport, Undelivered, gateway::Gateway, smtp::Smtp};
use crate::{Result, model::contact::Channel};

/// All ways out of the house.
pub struct Ways {
    by_channel: BTreeMap<Channel, Box<dyn Transport>>,
    catcher: Option<Catcher>,
    print_letters: bool,
}

impl Ways {
    /// As it is configured. What has no transport of its own goes to the catcher, where that is on.
    ///
    /// # Errors
    /// `invalid`, naming the setting.
    pub fn new(config: &OutboundConfig, catcher: Catcher) -> Result<Ways> {
        let mut by_channel: BTreeMap<Channel, Box<dyn Transport>> = BTreeMap::new();
        for (channel, gateway) in &config.gateways {
            by_channel.insert(*channel, Box::new(Gateway::new(*channel, gateway)?));
        }
        if let Some(smtp) = &config.smtp {
            by_channel.insert(Channel::Email, Box::new(Smtp::new(smtp)?));
        }
        Ok(Ways { by_channel, catcher: config.catcher.then_some(catcher), print_letters: config.print_letters })
    }

    fn way(&self, channel: Channel) -> Option<&dyn Transport> {
        let own = self.by_channel.get(&channel).map(|transport| &**transport as &dyn Transport);
        own.or(self.catcher.as_ref().map(|catcher| catcher as &dyn Transport))
    }
}

impl Transport for Ways {
    fn send(&self, parcels: &[Parcel]) -> Vec<Result<(), Undelivered>> {
        let mut by_channel: BTreeMap<Channel, Vec<usize>> = BTreeMap::new();
        for (n, parcel) in parcels.iter().enumerate() {
            by_channel.entry(parcel.channel).or_default().push(n);
        }
        let mut answers = vec![Err(Undelivered::NoGateway); parcels.len()];
        for (channel, places) in by_channel {
            let Some(way) = self.way(channel) else { continue };
            let going: Vec<Parcel> = places.iter().map(|n| parcels[*n].clone()).collect();
            for (n, answer) in places.into_iter().zip(way.send(&going)) {
                answers[n] = answer;
            }
        }
        answers
    }

    fn is_printed(&self, channel: Channel) -> bool {
        channel == Channel::Letter && self.print_letters && !self.by_channel.contains_key(&channel)
    }
}
