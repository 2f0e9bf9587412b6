//! Tests the album as people use it.

use lanai_test::{Result, TestApp, app, css};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

fn album() -> TestApp {
    app(theme::app().merge(album::routes()))
}

#[tokio::test]
async fn everyone_sees_a_photo_as_soon_as_it_has_come() -> Result {
    let app = album();
    let (ann, bob) = (app.visit("/album").await?, app.visit("/album").await?);
    bob.sees("There are no photos yet.").await?;
    ann.upload("Choose photos", &[("cat.png", "image/png", PNG), ("dog.png", "image/png", PNG)]).await?;
    for page in [&ann, &bob] {
        page.until("both are there", |page| page.count(css(".photos img")) == 2).await?;
    }
    assert_eq!(ann.count(css(".sending li")), 0);
    let served = app.person().get("/album/photo/1").await?;
    assert_eq!(
        (served.headers["content-type"].as_bytes(), served.headers["x-content-type-options"].as_bytes()),
        (&b"image/png"[..], &b"nosniff"[..])
    );
    Ok(())
}

#[tokio::test]
async fn only_who_has_sent_a_photo_can_remove_it() -> Result {
    let app = album();
    let (ann, bob) = (app.visit("/album").await?, app.visit("/album").await?);
    ann.drop_files(css(".drop-zone"), &[("cat.png", "image/png", PNG)]).await?;
    bob.within(css(".photos")).sees("cat.png").await?;
    assert_eq!(bob.count(css(".photos button")), 0);
    ann.click("Remove cat.png").await?;
    bob.sees("There are no photos yet.").await?;
    assert_eq!(app.person().get("/album/photo/1").await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn what_is_no_photo_is_refused() -> Result {
    let app = album();
    let page = app.visit("/album").await?;
    let large = [PNG, &[0; 4 << 20]].concat();
    page.upload("Choose photos", &[("page.png", "image/png", b"<script>"), ("large.png", "image/png", &large)]).await?;
    page.sees("Files of this type are not accepted.").await?;
    page.sees("The file is larger than 4 MB.").await?;
    page.click("Dismiss page.png").await?;
    page.sees_not("page.png").await?;
    assert_eq!(page.count(css(".photos img")), 0);
    Ok(())
}
