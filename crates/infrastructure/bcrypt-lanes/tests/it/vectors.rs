//! Published digests, of each version of the text form that sound programs write.
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use bcrypt_lanes::{Job, LONGEST_KEY, Salt, hash, hash_together};

const BCRYPT_BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::BCRYPT, NO_PAD);

/// jBCrypt, TestBCrypt.java.
const JBCRYPT: &[(&[u8], &str)] = &[
    (b"", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."),
    (b"", "$2a$08$HqWuK6/Ng6sg9gQzbLrgb.Tl.ZHfXLhvt/SgVyWhQqgqcZ7ZuUtye"),
    (b"", "$2a$10$k1wbIrmNyFAPwPVPSVa/zecw2BCEnBwVS2GbrmgzxFUOqW9dk4TCW"),
    (b"a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
    (b"abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
    (b"abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
    (b"~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"),
];

/// Openwall's `crypt_blowfish`, wrapper.c.
const CRYPT_BLOWFISH: &[(&[u8], &str)] = &[
    (b"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (b"U*U", "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (b"U*U", "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"),
    (b"U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"),
    (b"U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"),
    (b"", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy"),
    (b"\xff\xff\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e"),
    (b"\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"),
    (
        b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored",
        "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
    ),
    (&[0xaa; 72], "$2a$05$/OK.fbVrR/bpIqNJ5ianF.swQOIzjOiJ9GHEPuhEkvqrUyvWhEMx6"),
    (TWO_IN_TURN, "$2a$05$/OK.fbVrR/bpIqNJ5ianF.R9xrDjiycxMbQE2bp.vgqlYpW5wx2yy"),
    (THREE_IN_TURN, "$2a$05$/OK.fbVrR/bpIqNJ5ianF.9tQZzcJfm3uj2NvJ/n5xkhpqLrMpWCe"),
];

const TWO_IN_TURN: &[u8] = [[0xaa, 0x55]; 36].as_flattened();
const THREE_IN_TURN: &[u8] = [[0x55, 0xaa, 0xff]; 24].as_flattened();

struct Vector {
    key: Vec<u8>,
    cost: u32,
    salt: Salt,
    sum: Vec<u8>,
}

fn vectors() -> Vec<Vector> {
    JBCRYPT.iter().chain(CRYPT_BLOWFISH).map(|(password, digest)| read(password, digest)).collect()
}

fn read(password: &[u8], digest: &str) -> Vector {
    let key = password.iter().copied().chain([0]).take(LONGEST_KEY).collect();
    let (cost, encoded) = digest[4..].split_once('$').unwrap();
    let (salt, sum) = encoded.split_at(22);
    let [salt, sum] = [salt, sum].map(|text| BCRYPT_BASE64.decode(text).unwrap());
    Vector { key, cost: cost.parse().unwrap(), salt: salt.try_into().unwrap(), sum }
}

#[test]
fn published_digests_come_out() {
    for Vector { key, cost, salt, sum } in vectors() {
        assert_eq!(hash(cost, &key, &salt)[..23], sum, "{key:?} {cost}");
    }
}

#[test]
fn published_digests_come_out_in_every_lane() {
    let vectors: Vec<_> = vectors().into_iter().filter(|vector| vector.cost == 5).collect();
    for first in 0..vectors.len() {
        let turned = || vectors.iter().cycle().skip(first).take(4);
        let jobs: Vec<_> = turned().map(|vector| Job { key: &vector.key, salt: &vector.salt }).collect();
        for (output, vector) in hash_together(5, &jobs).iter().zip(turned()) {
            assert_eq!(output[..23], vector.sum, "{:?}", vector.key);
        }
    }
}

#[test]
fn a_key_is_repeated_and_read_no_further_than_72_bytes() {
    let salt = [3; 16];
    assert_eq!(hash(4, b"a\0", &salt), hash(4, b"a\0a\0", &salt));
    assert_eq!(hash(4, &[b'a'; 72], &salt), hash(4, &[b'a'; 100], &salt));
    assert_ne!(hash(4, &[b'a'; 71], &salt), hash(4, b"a\0", &salt));
    assert_eq!(hash(4, b"", &salt), hash(4, b"\0", &salt));
}
