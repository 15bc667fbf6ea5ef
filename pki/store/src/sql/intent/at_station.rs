// SPDX-License-Identifier: Apache-2.0
//! What an intent on the word of a station says besides: there is room at the station, it is counted, and a rework is closed.

/// The station that gave its word, its generation and today, in the binds of this kind of intent.
macro_rules! at_station {
    (first: $what:ident) => {
        $what!("$50", "$51", "$52")
    };
    (further: $what:ident) => {
        $what!("$34", "$35", "$36")
    };
}

/// The station is as judged, hands out what this group hands out, and has room for one more.
macro_rules! room {
    ($station:literal, $generation:literal, $day:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM station
                     WHERE id = ",
            $station,
            " AND organization_id = $2 AND group_id = $5 AND generation = ",
            $generation,
            " AND state = 'enabled' AND (most IS NULL OR issued + 0/*before*/ < most)
                       AND (most_per_day IS NULL
                            OR CASE WHEN today < ",
            $day,
            " THEN 0 ELSE issued_today END + 0/*before*/ < most_per_day))"
        )
    };
}

/// One more at the station. Not with a repeated intent, which finds the line's version raised.
macro_rules! counted {
    ($station:literal, $generation:literal, $day:literal) => {
        concat!(
            "UPDATE station
             SET issued = issued + 1/*alike ", $station, "*/,
                 issued_today = CASE WHEN today < ", $day, "/*greatest*/ THEN 0 ELSE issued_today END + 1/*alike ", $station, "*/,
                 today = CASE WHEN today < ", $day, "/*greatest*/ THEN ", $day, "/*greatest*/ ELSE today END
             /*rows*/ WHERE id = ", $station, " AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
               AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11"
        )
    };
}

/// Whoever counts at a station does so alone.
macro_rules! alone_at {
    ($station:literal, $generation:literal, $day:literal) => {
        concat!(
            "SELECT 1 FROM station /*rows*/ WHERE id = ",
            $station,
            " FOR NO KEY UPDATE OF station"
        )
    };
}

macro_rules! of_station {
    ($station:literal, $generation:literal, $day:literal) => {
        concat!(", ", $station)
    };
}

/// The rework that lets a unit have a new key is open, where the order needs one; and where it needs none, none is open.
macro_rules! reworking {
    () => {
        "CASE WHEN EXISTS (SELECT 1 FROM rework WHERE device_id = $1 AND is_open = 1) THEN 1 ELSE 0 END = $37"
    };
}

/// And it is closed with the order.
macro_rules! rework_closed {
    () => {
        "UPDATE rework SET is_open = 0
         /*rows*/ WHERE device_id = $1 AND $37 = 1 AND is_open = 1 AND EXISTS (SELECT 1 FROM issuance_order WHERE id = $15)
           AND COALESCE((SELECT version FROM lineage WHERE device_id = $1 AND profile_id = $12), -1) = $11"
    };
}
