//! A shop's basket whose changes are shown at once, while the server is slow, and sometimes says no.
//!
//! The stock belongs to all visitors. So what a click promises may be gone when it arrives, and the page takes it back.

mod shop;

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use lanai::prelude::*;
use lanai::{CloseReason, js};

use shop::{PRODUCTS, STOCK, Shop, price};

/// How long a slow server takes.
const SLOW: Duration = Duration::from_millis(1200);

/// The page of one visitor.
pub struct Basket {
    shop: Arc<Shop>,
    broker: Broker,
    lines: Vec<Line>,
    /// Products that the visitor may buy later.
    later: Vec<usize>,
    is_slow: bool,
    trouble: Option<String>,
}

/// A product in the basket.
struct Line {
    product: usize,
    count: u32,
    is_gift: bool,
}

/// What the form of a product sends. Its fields fill in the row that is shown in advance.
#[derive(Deserialize)]
struct Order {
    product: usize,
}

impl Basket {
    async fn mount(cx: Cx<Self>, Extension(shop): Extension<Arc<Shop>>) -> Self {
        cx.title("Basket");
        // The rendering reads what is left.
        cx.subscribe(STOCK, |_: &mut Self, _: &()| ());
        Self { shop, broker: cx.broker().clone(), lines: Vec::new(), later: Vec::new(), is_slow: true, trouble: None }
    }

    async fn wait(&mut self) {
        if self.is_slow {
            tokio::time::sleep(SLOW).await;
        }
        self.trouble = None;
    }

    fn slow(&mut self, Checked(slow): Checked) {
        self.is_slow = slow;
    }

    async fn order(&mut self, Form(Order { product }): Form<Order>, cx: &Cx<Self>) {
        self.add(product, cx).await;
    }

    async fn add(&mut self, product: usize, cx: &Cx<Self>) {
        self.wait().await;
        let Some(known) = PRODUCTS.get(product) else { return };
        if !self.shop.take(product) {
            self.trouble = Some(format!("{} are sold out. Somebody was faster.", known.name));
            return;
        }
        match self.lines.iter_mut().find(|line| line.product == product) {
            Some(line) => line.count += 1,
            None => self.lines.push(Line { product, count: 1, is_gift: false }),
        }
        self.later.retain(|&later| later != product);
        cx.publish(STOCK, ());
    }

    async fn less(&mut self, product: usize, cx: &Cx<Self>) {
        self.wait().await;
        if let Some(line) = self.lines.iter_mut().find(|line| line.product == product && line.count > 1) {
            line.count -= 1;
            self.shop.put_back(product, 1);
            cx.publish(STOCK, ());
        }
    }

    async fn remove(&mut self, product: usize, cx: &Cx<Self>) {
        self.wait().await;
        self.take_out(product, cx);
    }

    async fn postpone(&mut self, product: usize, cx: &Cx<Self>) {
        self.wait().await;
        self.take_out(product, cx);
        self.later.push(product);
    }

    fn take_out(&mut self, product: usize, cx: &Cx<Self>) {
        for line in self.lines.extract_if(.., |line| line.product == product) {
            self.shop.put_back(product, line.count);
        }
        cx.publish(STOCK, ());
    }

    async fn wrap(&mut self, product: usize, is_gift: bool) {
        self.wait().await;
        if let Some(line) = self.lines.iter_mut().find(|line| line.product == product) {
            line.is_gift = is_gift;
        }
    }

    fn total(&self) -> u32 {
        self.lines.iter().map(|line| line.count * PRODUCTS[line.product].cents).sum()
    }
}

impl View for Basket {
    fn render(&self) -> Html<Self> {
        html! {
            header.basket-head {
                h1 { "Basket" }
                label {
                    input type="checkbox" role="switch" checked[self.is_slow] onchange=(Self::slow);
                    "A slow server"
                }
            }
            p.lead { "Everything happens at once, and what the server refuses comes back." }
            @if let Some(trouble) = &self.trouble { p.trouble role="alert" { (trouble) } }
            div.shop {
                section aria-labelledby="products" {
                    h2 #products { "Products" }
                    ul.products { @for product in 0..PRODUCTS.len() { li key=(product) { (self.product(product)) } } }
                }
                section aria-labelledby="basket" {
                    h2 #basket { "Your basket" }
                    ul #lines.lines {
                        @for line in &self.lines {
                            li.line.gift[line.is_gift] key=(line.product) { (self.line(line)) }
                        }
                    }
                    template #new-line {
                        li.line { strong data-lanai-value="name" {} span.sum data-lanai-value="price" {} }
                    }
                    @if self.lines.is_empty() { p #nothing.empty { "There is nothing in it." } }
                    p.total { "Total " strong #total { (price(self.total())) } }
                    h3 { "Maybe later" }
                    ul #later.lines {
                        @for product in self.later.iter().copied() {
                            li.line key=(product) { strong { (PRODUCTS[product].name) } }
                        }
                    }
                    @if self.later.is_empty() { p #nothing-later.empty { "Nothing was put aside." } }
                }
            }
        }
    }

    fn closed(&mut self, _: CloseReason) {
        for line in self.lines.drain(..) {
            self.shop.put_back(line.product, line.count);
        }
        // (A local topic of this type cannot refuse it.)
        let _ = self.broker.publish(STOCK, ());
    }
}

impl Basket {
    fn product(&self, product: usize) -> Html<Self> {
        let known = &PRODUCTS[product];
        let left = self.shop.left(product);
        let line = self.lines.iter().find(|line| line.product == product);
        let order = on(Self::order)
            .optimistic(js::set_text(js::inside(".left"), format!("{} left", left.saturating_sub(1))))
            .optimistic(js::set_text("#total", price(self.total() + known.cents)));
        // What the handler will do: a line has one more, or there is a new one.
        let order = match line {
            Some(line) => order.optimistic(js::set_text(format!("#count{product}"), (line.count + 1).to_string())),
            None => order.optimistic(js::hide("#nothing").then(js::append("#new-line", "#lines"))),
        };
        html! {
            form.product onsubmit=(order) {
                input type="hidden" name="product" value=(product);
                input type="hidden" name="name" value=(known.name);
                input type="hidden" name="price" value=(price(known.cents));
                span { strong { (known.name) } " " (price(known.cents)) }
                small.left { (left) " left" }
                button disabled[left == 0] aria-label=(format!("Add {}", known.name)) { "Add" }
            }
        }
    }

    fn line(&self, line: &Line) -> Html<Self> {
        let Line { product, count, is_gift } = *line;
        let name = PRODUCTS[product].name;
        let row = || js::closest("li");
        html! {
            strong { (name) }
            span.count {
                button.outline disabled[count == 1] aria-label=(format!("One {name} less")) onclick=(
                    on(async move |basket: &mut Self, cx: &Cx<Self>| basket.less(product, cx).await)
                        .optimistic(js::set_text(row().inside("output"), count.saturating_sub(1).to_string()))
                ) { "−" }
                output id=(format!("count{product}")) { (count) }
                button.outline aria-label=(format!("One {name} more")) onclick=(
                    on(async move |basket: &mut Self, cx: &Cx<Self>| basket.add(product, cx).await)
                        .optimistic(js::set_text(row().inside("output"), (count + 1).to_string()))
                ) { "+" }
            }
            span.sum { (price(count * PRODUCTS[product].cents)) }
            label {
                input type="checkbox" checked[is_gift] onchange=(
                    on(async move |basket: &mut Self, Checked(gift): Checked| basket.wrap(product, gift).await)
                        .optimistic(js::toggle_class("gift", row()))
                );
                "Gift"
            }
            button.outline.secondary aria-label=(format!("{name} later")) onclick=(
                on(async move |basket: &mut Self, cx: &Cx<Self>| basket.postpone(product, cx).await)
                    .optimistic(js::hide("#nothing-later").then(js::move_into(row(), "#later")))
            ) { "Later" }
            button.outline.secondary aria-label=(format!("Remove {name}")) onclick=(
                on(async move |basket: &mut Self, cx: &Cx<Self>| basket.remove(product, cx).await)
                    .optimistic(js::remove(row()))
            ) { "Remove" }
        }
    }
}

/// Returns the route `/basket`, of a shop with ten of everything.
pub fn routes() -> Router {
    routes_with(10)
}

/// Returns the route `/basket`, of a shop with this many of everything.
pub fn routes_with(each: u32) -> Router {
    Router::new().route("/basket", live(Basket::mount)).layer(Extension(Arc::new(Shop::new(each))))
}
