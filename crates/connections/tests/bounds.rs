//! What the connections of a server may use together, and what its observer is told.
use actix_web::rt::System;
use actix_web::{App, HttpRequest, HttpResponse, web};
use doorward_connections::{Cut, Observer, Options, serve};
use rustix::net::{self, AddressFamily, SocketType};
use std::io::{Read, Write};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
const KIB: usize = 1024;

#[derive(Default)]
struct Figures {
    open: AtomicI64,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    unsent: AtomicI64,
    most_unsent: AtomicI64,
    cut: Mutex<Vec<Cut>>,
}

impl Observer for Figures {
    fn opened(&self) {
        self.open.fetch_add(1, SeqCst);
        self.accepted.fetch_add(1, SeqCst);
    }

    fn closed(&self) {
        self.open.fetch_sub(1, SeqCst);
    }

    fn refused(&self, address: IpAddr) {
        assert!(address.is_loopback());
        self.refused.fetch_add(1, SeqCst);
    }

    fn cut(&self, why: Cut) {
        self.cut.lock().expect("nobody panics with it").push(why);
    }

    fn unsent(&self, more: i64) {
        let now = self.unsent.fetch_add(more, SeqCst) + more;
        self.most_unsent.fetch_max(now, SeqCst);
    }
}

impl Figures {
    fn cuts(&self, why: Cut) -> usize {
        self.cut.lock().expect("nobody panics with it").iter().filter(|cut| **cut == why).count()
    }
}

fn options() -> Options {
    Options {
        workers: 2,
        max_connections: 1_000,
        max_connections_per_address: 0,
        proxies: Vec::new(),
        max_unsent: 64 * KIB * KIB,
        keep_alive: Duration::from_secs(1),
        request_timeout: Duration::from_secs(1),
        write_timeout: Duration::from_secs(60),
        shutdown_timeout: Duration::ZERO,
    }
}

/// Answers with as many bytes as the path says.
async fn long(request: HttpRequest) -> HttpResponse {
    let length = request.path().trim_start_matches('/').parse().unwrap_or(0);
    HttpResponse::Ok().body("x".repeat(length))
}

fn start(options: Options) -> (SocketAddr, Arc<Figures>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let figures = Arc::new(Figures::default());
    let observer = figures.clone();
    std::thread::spawn(move || {
        System::new().block_on(async {
            let app = || App::new().default_service(web::to(long));
            serve(&options, listener, observer, app).expect("the listener can be served").await
        })
    });
    (address, figures)
}

fn connect(to: SocketAddr) -> TcpStream {
    patient(TcpStream::connect(to).expect("the server listens"))
}

/// One whose kernel takes little of what it does not read.
fn reluctant(to: SocketAddr, sent: &str) -> TcpStream {
    narrow(to, 2 * KIB, sent)
}

fn narrow(to: SocketAddr, takes: usize, sent: &str) -> TcpStream {
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("there are enough descriptors");
    net::sockopt::set_socket_recv_buffer_size(&socket, takes).expect("it is a size");
    net::connect(&socket, &to).expect("the server listens");
    let mut connection = patient(TcpStream::from(socket));
    connection.write_all(sent.as_bytes()).expect("the server reads");
    connection
}

fn patient(connection: TcpStream) -> TcpStream {
    connection.set_read_timeout(Some(PATIENCE)).expect("it is a time");
    connection
}

fn get(length: usize) -> String {
    format!("GET /{length} HTTP/1.1\r\nHost: x\r\n\r\n")
}

/// Whether it was answered; one that was refused is not.
fn is_answered(connection: &mut TcpStream) -> bool {
    let mut begin = [0; 12];
    connection.write_all(get(0).as_bytes()).is_ok()
        && connection.read_exact(&mut begin).is_ok()
        && &begin == b"HTTP/1.1 200"
}

#[expect(clippy::disallowed_methods, reason = "a network has no virtual clock")]
fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[track_caller]
fn wait_until(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "waited in vain until {what}");
        pause(Duration::from_millis(5));
    }
}

/// Ends a connection in one of many ways. The server may have refused it, so that nothing that is sent need come through.
fn end(mut connection: TcpStream, way: usize) {
    let mut rest = Vec::new();
    let endless = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n".to_owned();
    let sent = match way {
        0 => String::new(),
        1 => "GET / HTTP/1.1\r\nHo".to_owned(),
        2 | 3 => get(10),
        4 => "no HTTP\r\n\r\n".to_owned(),
        5 => endless + &"x".repeat(200 * KIB),
        6 => get(1_000 * KIB),
        7 => get(10).replace("Host", "Connection: close\r\nHost"),
        _ => get(10).repeat(20),
    };
    let _ = connection.write_all(sent.as_bytes());
    match way {
        0 | 1 => {}
        // The server ends it when nothing more comes for the time that is set.
        3 | 4 | 7 => _ = connection.read_to_end(&mut rest),
        8 => {
            let _ = connection.shutdown(Shutdown::Write);
            let _ = connection.read_to_end(&mut rest);
        }
        // Reset, with what is not read yet.
        _ => net::sockopt::set_socket_linger(&connection, Some(Duration::ZERO)).expect("it is a time"),
    }
}

#[test]
fn connections_that_end_in_any_way_leave_no_count_behind() {
    const MOST: usize = 5;
    let (to, figures) = start(Options { max_connections_per_address: MOST, ..options() });
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || (0..60).for_each(|round| end(connect(to), (round + thread) % 10)));
        }
    });
    let came = || (figures.accepted.load(SeqCst), figures.refused.load(SeqCst));
    wait_until("each was accepted or refused", || came().0 + came().1 == 8 * 60);
    wait_until("all have ended", || figures.open.load(SeqCst) == 0);
    let (accepted, refused) = came();
    assert!(accepted > 50 && refused > 50, "{accepted} were accepted, {refused} refused");
    assert_eq!(figures.unsent.load(SeqCst), 0);
    let mut open: Vec<_> = (0..MOST).map(|_| connect(to)).collect();
    assert!(open.iter_mut().all(is_answered), "as many fit as before");
    assert!(!is_answered(&mut connect(to)), "and no more");
    drop(open.pop());
    wait_until("one has left", || figures.open.load(SeqCst) == MOST as i64 - 1);
    assert!(is_answered(&mut connect(to)));
}

#[test]
fn what_all_peers_leave_unread_is_bounded_and_those_that_read_nothing_are_cut_first() {
    const MOST: usize = 32 * 1024 * KIB;
    const LENGTH: usize = 4 * 1024 * KIB;
    let (to, figures) = start(Options { max_unsent: MOST, workers: 1, ..options() });
    let cut = || figures.cuts(Cut::UnsentBytes);
    let stalled: Vec<_> = (0..60).map(|_| reluctant(to, &get(LENGTH))).collect();
    wait_until("most are cut", || cut() >= 30);
    // Longer than the steps in which the server counts time.
    pause(Duration::from_millis(2_500));
    let before = cut();
    let mut reading = narrow(to, 32 * KIB, &get(LENGTH));
    let later: Vec<_> = (0..6).map(|_| reluctant(to, &get(LENGTH))).collect();
    let (mut read, mut part) = (0, vec![0; 64 * KIB]);
    while read < LENGTH {
        let count = reading.read(&mut part).expect("it is not cut");
        assert!(count > 0, "it was cut after {read} bytes");
        read += count;
        pause(Duration::from_millis(1));
    }
    wait_until("somebody was cut for those that came later", || cut() > before);
    drop((stalled, later, reading));
    wait_until("nothing waits", || figures.unsent.load(SeqCst) == 0);
    // What exceeds the bound is counted until somebody is cut for it.
    let most = figures.most_unsent.load(SeqCst);
    assert!(most > MOST as i64 && most <= (MOST + LENGTH + 64 * KIB) as i64, "{most} bytes waited");
}

#[test]
fn answers_that_share_their_bytes_do_not_count() {
    static SHARED: [u8; 8 * 1024 * KIB] = [b'x'; 8 * 1024 * KIB];
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let to = listener.local_addr().expect("it is bound");
    let figures = Arc::new(Figures::default());
    let observer = figures.clone();
    std::thread::spawn(move || {
        System::new().block_on(async {
            let answer = async || HttpResponse::Ok().body(web::Bytes::from_static(&SHARED));
            let app = move || App::new().default_service(web::to(answer));
            serve(&options(), listener, observer, app).expect("the listener can be served").await
        })
    });
    let _unread: Vec<_> = (0..20).map(|_| reluctant(to, &get(0))).collect();
    let each = || usize::try_from(figures.unsent.load(SeqCst)).expect("it is not negative") / 20;
    wait_until("they wait", || each() > 4 * KIB);
    pause(Duration::from_millis(300));
    assert!(each() <= 64 * KIB, "{} bytes each", each());
}

/// The handler reads at most 64 KiB, as Doorward does.
#[test]
fn of_a_body_that_is_refused_at_most_128_kib_are_read() {
    const HELD: usize = 4 * KIB;
    let socket = net::socket(AddressFamily::INET, SocketType::STREAM, None).expect("there are enough descriptors");
    // Connections that are accepted have it too: so the kernel holds little of what the server does not read.
    net::sockopt::set_socket_recv_buffer_size(&socket, HELD).expect("it is a size");
    net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port is free");
    net::listen(&socket, 16).expect("it can listen");
    let listener = TcpListener::from(socket);
    let to = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        System::new().block_on(async {
            let read = async |body: web::Bytes| HttpResponse::Ok().body(body.len().to_string());
            let app = move || {
                let limit = web::PayloadConfig::new(64 * KIB);
                App::new().app_data(limit).route("/read", web::post().to(read)).default_service(web::to(long))
            };
            serve(&options(), listener, Arc::new(()), app).expect("the listener can be served").await
        })
    });
    let chunk = [b"1000\r\n".to_vec(), vec![b'x'; 0x1000], b"\r\n".to_vec()].concat();
    for (path, length, part) in [
        ("/read", "Transfer-Encoding: chunked", &chunk),
        ("/read", "Content-Length: 10000000000", &vec![b'x'; 0x1000]),
        ("/5", "Transfer-Encoding: chunked", &chunk),
        ("/5", "Content-Length: 10000000000", &vec![b'x'; 0x1000]),
    ] {
        let mut connection = connect(to);
        net::sockopt::set_socket_send_buffer_size(&connection, HELD).expect("it is a size");
        connection
            .write_all(format!("POST {path} HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\n").as_bytes())
            .expect("it reads");
        let (mut sent, begun) = (0, Instant::now());
        while let Ok(count) = connection.write(part) {
            sent += count;
            assert!(begun.elapsed() < PATIENCE, "{path} {length}: {sent} bytes, and it is not cut");
        }
        // The kernel doubles what is asked for, on both sides.
        let most = 128 * KIB + 4 * HELD;
        println!("{path} {length}: {sent} bytes");
        assert!(sent > 32 * KIB && sent <= most, "{path} {length}: {sent} bytes were taken");
    }
}

#[test]
fn each_connection_that_is_cut_is_told_once_with_its_reason() {
    let (to, figures) = start(Options { write_timeout: Duration::from_secs(1), ..options() });
    let unread: Vec<_> = (0..3).map(|_| reluctant(to, &get(8 * 1024 * KIB))).collect();
    let half: Vec<_> = (0..4)
        .map(|_| {
            let mut connection = connect(to);
            assert!(is_answered(&mut connection));
            connection.write_all(b"GET / HTTP/1.1\r\nHo").expect("the server reads");
            connection
        })
        .collect();
    let talking: Vec<_> = (0..5)
        .map(|_| {
            let head = "POST /5 HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n";
            reluctant(to, &(head.to_owned() + &"x".repeat(100 * KIB)))
        })
        .collect();
    let told = || [Cut::WriteTimeout, Cut::SlowRequest, Cut::EarlyAnswer].map(|why| figures.cuts(why));
    wait_until("all are cut", || figures.open.load(SeqCst) == 0);
    assert_eq!(told(), [3, 4, 5], "{:?}", figures.cut.lock().unwrap());
    drop((unread, half, talking));
    assert_eq!(figures.cut.lock().unwrap().len(), 12);
}
