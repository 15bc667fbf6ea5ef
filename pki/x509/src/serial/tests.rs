// SPDX-License-Identifier: Apache-2.0

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

fn at(day: i64) -> Timestamp {
    Timestamp::from_seconds(START_OF_2020 + day * SECONDS_PER_DAY)
}

#[test]
fn a_serial_number_tells_layout_epoch_day_and_chance() {
    let serial = Serial::compose(3, at(258), [0xab; 16]).unwrap();
    assert_eq!(serial.to_string(), format!("41030102{}", "ab".repeat(16)));
    assert_eq!(
        Serial::compose(0, at(0), [0; 16]).unwrap().as_bytes()[..4],
        [0x41, 0, 0, 0]
    );
    assert_eq!(
        Serial::compose(255, at(65_535), [0; 16]).unwrap().as_bytes()[..4],
        [0x41, 0xff, 0xff, 0xff]
    );
}

#[test]
fn a_clock_off_the_days_draws_no_number() {
    for off in [
        at(0).saturating_sub(std::time::Duration::from_micros(1)),
        at(65_536),
        Timestamp::from_micros(i64::MIN),
        Timestamp::from_micros(i64::MAX),
    ] {
        assert_eq!(Serial::compose(0, off, [0; 16]), Err(SerialFault::Day));
    }
}

#[test]
fn numbers_are_read_as_the_tools_of_this_world_print_them() {
    let serial = Serial::compose(0, at(1), [0xcd; 16]).unwrap();
    let plain = serial.to_string();
    let colons = plain
        .as_bytes()
        .chunks(2)
        .map(|pair| core::str::from_utf8(pair).unwrap())
        .collect::<Vec<_>>();
    for text in [
        plain.clone(),
        plain.to_uppercase(),
        format!("0x{plain}"),
        format!("0X{plain} "),
        colons.join(":"),
        colons.join(" "),
        colons.join("-").to_uppercase(),
    ] {
        assert_eq!(text.parse(), Ok(serial), "{text}");
    }
    for text in [
        String::new(),
        "41".to_owned(),
        plain.replace("41", "40"),
        format!("{plain}00"),
        plain.replace('c', "g"),
        "é".repeat(40),
        "0".repeat(10_000),
    ] {
        assert_eq!(text.parse::<Serial>(), Err(SerialFault::Layout), "{text}");
    }
}

#[test]
fn shards_are_powers_of_two_and_take_the_random_part_modulo() {
    assert_eq!(ShardCount::new(0), Err(SerialFault::ShardCount));
    assert_eq!(ShardCount::new(3), Err(SerialFault::ShardCount));
    let mut random = [0xff; 16];
    random[12..].copy_from_slice(&0x1234_5678_u32.to_be_bytes());
    let serial = Serial::compose(9, at(1), random).unwrap();
    assert_eq!(serial.shard(ShardCount::COMPLETE), 0);
    assert_eq!(serial.shard(ShardCount::new(16).unwrap()), 8);
    assert_eq!(serial.shard(ShardCount::new(1 << 31).unwrap()), 0x1234_5678);
}

/// A hundred thousand numbers from a seeded source: the layout must neither lose nor fix any of the 128 bits.
#[test]
fn every_random_bit_survives_the_layout() {
    const COUNT: u32 = 100_000;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()
    };
    let mut ones = [0_u32; 128];
    let mut seen = HashSet::new();
    for _ in 0..COUNT {
        let random: [u8; 16] = [next(), next()].concat().try_into().unwrap();
        let serial = Serial::compose(0, at(2_000), random).unwrap();
        assert!(seen.insert(serial));
        let value = u128::from_be_bytes(serial.as_bytes()[4..].try_into().unwrap());
        for (bit, count) in ones.iter_mut().enumerate() {
            *count += u32::from(value >> bit & 1 == 1);
        }
    }
    // Six standard deviations of a fair coin: a sound layout fails this once in 10⁷ runs, and the seed is fixed.
    let slack = 950;
    for (bit, count) in ones.iter().enumerate() {
        assert!(
            count.abs_diff(COUNT / 2) < slack,
            "bit {bit} is one {count} times"
        );
    }
}

proptest! {
    #[test]
    fn every_number_is_positive_of_twenty_octets_and_reads_back(epoch in any::<u8>(), day in 0_i64..65_536, random in any::<[u8; 16]>()) {
        let serial = Serial::compose(epoch, at(day), random).unwrap();
        prop_assert_eq!(serial.as_bytes()[0], 0x41);
        prop_assert_eq!(Serial::from_bytes(serial.as_bytes()), Ok(serial));
        prop_assert_eq!(serial.to_string().parse(), Ok(serial));
        let later = Serial::compose(epoch, at(day).saturating_add(std::time::Duration::from_secs(86_400)), [0; 16]);
        prop_assert!(later.is_err() || later.unwrap() > serial);
        for shards in [1, 2, 64, 1 << 20] {
            let wanted = u128::from_be_bytes(random) % u128::from(shards);
            prop_assert_eq!(u128::from(serial.shard(ShardCount::new(shards).unwrap())), wanted);
        }
    }
}
