//! Servers that authenticate clients, and clients that authenticate servers: each kind of credentials, right and wrong.

use std::time::{Duration, SystemTime};

use cluster::nats::NatsServer;
use cluster::secrets::{Authority, Certificate, Files, Operator};
use cluster::until;
use lanai_nats::{ConnectError, Options};
use lanai_pubsub::{Broker, Topic, TransportState};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

const NUMBERS: Topic<u32> = Topic::new("numbers");

fn options() -> Options {
    Options::new("test")
}

async fn stored(receipt: lanai_pubsub::Receipt) {
    tokio::time::timeout(Duration::from_secs(30), receipt.stored()).await.expect("it is stored in time").unwrap();
}

/// Publishes, and receives the message.
async fn works(connected: Result<Broker, ConnectError>) -> Broker {
    let broker = connected.unwrap_or_else(|error| panic!("{error}"));
    let mut listener = broker.listen(NUMBERS).unwrap();
    stored(broker.publish(NUMBERS, 1).unwrap()).await;
    assert_eq!(*listener.next().await.unwrap(), 1);
    broker
}

/// Connects, and expects an error that contains all these words and none of the secrets.
async fn refused(options: Options, servers: &str, words: &[&str]) -> ConnectError {
    let error = options.connect(servers).await.expect_err("it must be refused");
    let text = format!("{error} {error:?}");
    for word in words {
        assert!(text.contains(word), "`{word}` is not in: {text}");
    }
    for secret in ["secret", "s3cret", "SUA"] {
        assert!(!text.contains(secret), "a secret is in: {text}");
    }
    error
}

/// The same, for credentials that the server refuses.
async fn unauthorized(options: Options, servers: &str, words: &[&str]) {
    let error = refused(options, servers, words).await;
    assert!(matches!(error, ConnectError::Unauthorized { .. }), "{error:?}");
    assert!(!error.to_string().contains("nats-server --jetstream"), "{error}");
}

async fn untrusted(options: Options, servers: &str, words: &[&str]) {
    let error = refused(options, servers, words).await;
    assert!(matches!(error, ConnectError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn a_user_and_password_in_the_address() {
    let server = NatsServer::with_config("authorization { user: \"al ice\", password: \"s3cret@:/#,%\" }").await;
    works(options().connect(&server.url_as("al%20ice:s3cret%40%3A%2F%23%2C%25")).await).await;
    unauthorized(options(), &server.url_as("al%20ice:secret"), &["the user `al ice`", "Authorization Violation"]).await;
    unauthorized(options(), &server.url_as("secret"), &["this token", "nats://user:password@host"]).await;
    unauthorized(options(), &server.url(), &["without credentials", "nats://user:password@host"]).await;
}

#[tokio::test]
async fn a_token_in_the_address() {
    let server = NatsServer::with_config("authorization { token: \"s3cret/1\" }").await;
    works(options().connect(&server.url_as("s3cret%2F1")).await).await;
    unauthorized(options(), &server.url_as("secret"), &["this token", "correct the address"]).await;
    unauthorized(options(), &server.url_as("alice:secret"), &["the user `alice`"]).await;
}

#[tokio::test]
async fn each_address_has_its_own_credentials() {
    let alices = NatsServer::with_config("authorization { user: alice, password: s3cret1 }").await;
    let bobs = NatsServer::with_config("authorization { user: bob, password: s3cret2 }").await;
    let (alice, bob) = ("alice:s3cret1", "bob:s3cret2");
    works(options().connect(&format!("{}, {}", alices.url_as("alice:wrong"), bobs.url_as(bob))).await).await;
    works(options().connect(&format!("{},{}", alices.url_as(alice), bobs.url_as("bob:wrong"))).await).await;
    // The password of the first server is not sent to the second.
    let both = format!("{},{}", alices.url_as("alice:wrong"), bobs.url());
    unauthorized(options(), &both, &["without credentials", "each address of several has its own"]).await;
}

#[tokio::test]
async fn an_nkey() {
    let (user, stranger) = (nkeys::KeyPair::new_user(), nkeys::KeyPair::new_user());
    let users = format!("authorization {{ users: [{{ nkey: {} }}] }}", user.public_key());
    let server = NatsServer::with_config(&users).await;
    works(options().nkey(user.seed().unwrap()).connect(&server.url()).await).await;
    unauthorized(options().nkey(stranger.seed().unwrap()), &server.url(), &["this NKey"]).await;
    refused(options().nkey(user.public_key()), &server.url(), &["begins with `SU`"]).await;
    refused(options().nkey("SUA-secret"), &server.url(), &["damaged"]).await;
    let shown = format!("{:?}", options().nkey(user.seed().unwrap()));
    assert!(!shown.contains(&user.seed().unwrap()) && shown.contains("[secret]"), "{shown}");
}

#[tokio::test]
async fn a_credentials_file() {
    let (operator, files) = (Operator::new(), Files::new());
    let server = NatsServer::with_config(&operator.configuration()).await;
    let own = files.write("own.creds", &operator.credentials(None));
    works(options().credentials(&own).connect(&server.url()).await).await;

    let expired = operator.credentials(Some(SystemTime::now() - Duration::from_secs(60)));
    let expired = files.write("expired.creds", &expired);
    unauthorized(options().credentials(expired), &server.url(), &["expired.creds", "expired or revoked"]).await;
    let strangers = files.write("strangers.creds", &Operator::new().credentials(None));
    unauthorized(options().credentials(strangers), &server.url(), &["strangers.creds", "account"]).await;
    refused(options().credentials(files.path("none.creds")), &server.url(), &["none.creds", "No such file"]).await;
    let damaged = files.write("damaged.creds", "SUA-secret");
    refused(options().credentials(damaged), &server.url(), &["damaged.creds", "cannot parse"]).await;
    unauthorized(options(), &server.url(), &["without credentials", "Options::credentials"]).await;
}

/// The credentials expire while the program is connected. It disconnects, and reconnects with new ones in the same
/// file.
#[tokio::test]
async fn credentials_that_expire_and_are_renewed() {
    let (operator, files) = (Operator::new(), Files::new());
    let server = NatsServer::with_config(&operator.configuration()).await;
    let soon = SystemTime::now() + Duration::from_secs(4);
    let file = files.write("own.creds", &operator.credentials(Some(soon)));
    let broker = works(options().credentials(&file).connect(&server.url()).await).await;
    until("they have expired", async || matches!(broker.transport_state(), TransportState::Disconnected { .. })).await;
    let receipt = broker.publish(NUMBERS, 2).unwrap();
    files.write("own.creds", &operator.credentials(None));
    stored(receipt).await;
}

#[tokio::test]
async fn a_user_who_is_removed_and_comes_back() {
    let alice = "authorization { user: alice, password: s3cret }";
    let server = NatsServer::with_config(alice).await;
    let broker = works(options().connect(&server.url_as("alice:s3cret")).await).await;
    server.reload("authorization { user: bob, password: s3cret }").await;
    until("the server has cut it off", async || {
        matches!(broker.transport_state(), TransportState::Disconnected { .. })
    })
    .await;
    let receipt = broker.publish(NUMBERS, 2).unwrap();
    server.reload(alice).await;
    stored(receipt).await;
}

fn tls(server: &Certificate, more: &str) -> String {
    format!("tls {{ cert_file: {:?}, key_file: {:?}, {more} }}", server.certificate, server.key)
}

#[tokio::test]
async fn a_server_with_a_certificate_of_a_private_authority() {
    let (files, authority, other) = (Files::new(), Authority::new(), Authority::new());
    let server = NatsServer::with_config(&tls(&authority.sign(&files, "127.0.0.1"), "")).await;
    let (trusted, untrusted_one) = (authority.file(&files, "authority.pem"), other.file(&files, "other.pem"));
    let secure = server.url().replace("nats://", "tls://");
    works(options().root_certificates(&trusted).connect(&secure).await).await;
    works(options().root_certificates(&untrusted_one).root_certificates(&trusted).connect(&server.url()).await).await;

    let advice = &["authority that is not trusted here", "Options::root_certificates"];
    untrusted(options(), &secure, advice).await;
    untrusted(options(), &server.url(), advice).await;
    untrusted(options().root_certificates(&untrusted_one), &secure, advice).await;
    refused(options().root_certificates(files.path("none.pem")), &secure, &["none.pem cannot be used"]).await;
    let empty = files.write("empty.pem", "-----");
    refused(options().root_certificates(empty), &secure, &["empty.pem", "no certificate in PEM format"]).await;

    let elsewhere = NatsServer::with_config(&tls(&authority.sign(&files, "nats.example"), "")).await;
    let words = &["is not for `127.0.0.1`", "nats.example"];
    untrusted(options().root_certificates(&trusted), &elsewhere.url(), words).await;

    let plain = NatsServer::start().await;
    let words = &["does not speak TLS on this port", "nats://"];
    untrusted(options().root_certificates(&trusted), &plain.url(), words).await;
    untrusted(options(), &plain.url().replace("nats://", "tls://"), words).await;
}

#[tokio::test]
async fn a_server_that_wants_a_certificate_of_its_clients() {
    let (files, authority, other) = (Files::new(), Authority::new(), Authority::new());
    let trusted = authority.file(&files, "authority.pem");
    let verify = format!("ca_file: {trusted:?}, verify: true");
    let server = NatsServer::with_config(&tls(&authority.sign(&files, "127.0.0.1"), &verify)).await;
    let options = || options().root_certificates(&trusted);
    let own = authority.sign(&files, "client.example");
    works(options().client_certificate(&own.certificate, &own.key).connect(&server.url()).await).await;

    untrusted(options(), &server.url(), &["Options::client_certificate"]).await;
    let strange = other.sign(&files, "client.example");
    let strange = options().client_certificate(&strange.certificate, &strange.key);
    untrusted(strange, &server.url(), &["does not accept our certificate", "authority"]).await;
    let mixed = options().client_certificate(&own.certificate, own.certificate.with_extension("none"));
    refused(mixed, &server.url(), &[".none cannot be used"]).await;
}

#[tokio::test]
async fn addresses_of_other_services_are_recognized() {
    let unreachable = async |servers: &str, words: &[&str]| {
        let error = refused(options(), servers, words).await;
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
    };
    unreachable("nats://alice:secret@no-such-host.invalid", &["no-such-host.invalid:4222", "name cannot be resolved"])
        .await;
    let server = NatsServer::with_config("max_connections: 1").await;
    // The server may still count the connection that found it ready.
    let mut first = None;
    until("the server accepts its only client", async || {
        first = async_nats::connect(server.url()).await.ok();
        first.is_some()
    })
    .await;
    unreachable(&server.url(), &["maximum connections exceeded"]).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        // One sends something else, and one waits for a request, as an HTTP server does.
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap();
        drop(stream);
        listener.accept().await.unwrap()
    });
    unreachable(&address, &["does not greet as a NATS server", "4222, not 8222"]).await;
    unreachable(&address, &["does not answer within 5s", "firewall", "4222, not 8222"]).await;
    drop(serving.await);

    let error = refused(options(), "nats://alice:s3cret/x@host", &["address 1 of the NATS servers", "`%40`"]).await;
    assert!(matches!(error, ConnectError::Options(_)));
    refused(options().wait_for_server(true), "nats://a,ws://b", &["address 2", "`ws://` is not supported"]).await;
}

/// The texts of servers' errors, from the oldest version to the newest. They are parsed, so they must not change.
#[tokio::test]
async fn servers_report_errors_in_these_words() {
    let server = NatsServer::with_config(
        "authorization { users: [{ user: u, password: p, permissions: { publish: \"a\", subscribe: \"a\" } }] }",
    )
    .await;
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let client = async_nats::ConnectOptions::with_user_and_password("u".into(), "p".into())
        .event_callback(move |event| {
            let _ = tell.send(event);
            async {}
        })
        .connect(server.url())
        .await
        .unwrap();
    let mut said = async || {
        let complaint = async {
            loop {
                if let async_nats::Event::ServerError(error) = told.recv().await.expect("it says more") {
                    return error.to_string();
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(30), complaint).await.expect("the server complains")
    };
    client.publish("b.é", "".into()).await.unwrap();
    assert_eq!(said().await, "nats: Permissions Violation for Publish to \"b.é\"");
    let _b = client.subscribe("b.>").await.unwrap();
    assert_eq!(said().await, "nats: Permissions Violation for Subscription to \"b.>\"");
}

/// The permissions that the guide lists for a node's user.
#[tokio::test]
async fn a_user_with_exactly_the_permissions_of_a_node() {
    let server = NatsServer::with_config(
        "authorization { users: [ { user: node, password: p, permissions: {
            publish: [\"test.>\", \"$JS.API.>\", \"$JS.FC.>\"], subscribe: [\"_INBOX.>\"] } } ] }",
    )
    .await;
    let broker = options().connect(&server.url_as("node:p")).await.unwrap();
    let mut listener = broker.listen(NUMBERS.history(10)).unwrap();
    for number in 0..5_000 {
        broker.publish(NUMBERS, number).unwrap();
    }
    for number in 0..5_000 {
        assert_eq!(*listener.next().await.unwrap(), number);
    }
    let other = options().connect(&server.url_as("node:p")).await.unwrap();
    let mut past = other.listen(NUMBERS.history(3)).unwrap();
    until("the history is found", async || *past.next().await.unwrap() == 4_999).await;
    let mut all = other.listen(NUMBERS.any()).unwrap();
    stored(broker.publish(NUMBERS.at(1), 1).unwrap()).await;
    assert_eq!(**all.next().await.unwrap(), 1);
    assert!(!server.log().contains("ermissions Violation"), "{}", server.log());
}
