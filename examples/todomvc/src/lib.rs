//! [TodoMVC](https://todomvc.com), with the markup and the behaviour of its specification. The filter is in the query
//! of the address, and the todos are kept in the storage of the browser.

use axum::Router;
use lanai::js;
use lanai::prelude::*;

/// The name of the todos in the storage of the browser: the one by which Playwright's tests for TodoMVC read them.
const STORED: &str = "react-todos";

#[derive(Serialize, Deserialize, Clone, PartialEq, Eq)]
struct Todo {
    id: u64,
    title: String,
    completed: bool,
}

/// Which todos are shown: a word in the query of the address.
#[derive(Serialize, Deserialize, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Show {
    #[default]
    All,
    Active,
    Completed,
}

/// The address of the page.
#[derive(Route)]
#[route("/todos")]
pub struct TodosPage {
    #[route(query)]
    filter: Filter,
}

#[derive(Serialize, Deserialize, Clone, Copy, Default)]
#[serde(default)]
struct Filter {
    show: Show,
}

/// What is typed into the field for a new todo.
#[derive(Deserialize)]
struct Draft {
    title: String,
}

/// The list of one visitor.
pub struct Todos {
    cx: Cx<Self>,
    todos: Vec<Todo>,
    show: Show,
    editing: Option<u64>,
    last: u64,
}

impl Todos {
    async fn mount(cx: Cx<Self>, TodosPage { filter }: TodosPage) -> Self {
        cx.title("TodoMVC");
        cx.on_query(|todos: &mut Self, filter: Filter| todos.show = filter.show);
        cx.spawn(cx.browser().local_storage().get(STORED), Self::restored);
        Self { cx, todos: Vec::new(), show: filter.show, editing: None, last: 0 }
    }

    /// The browser has said what it has kept. What was added meanwhile comes after it.
    fn restored(&mut self, kept: Result<Option<Vec<Todo>>, RequestError>) {
        if let Ok(Some(mut kept)) = kept {
            let added = std::mem::take(&mut self.todos);
            kept.extend(added);
            for todo in &mut kept {
                self.last += 1;
                todo.id = self.last;
            }
            self.todos = kept;
        }
    }

    fn keep(&self) {
        self.cx.browser().local_storage().set(STORED, &self.todos);
    }

    fn add(&mut self, Form(draft): Form<Draft>, cx: &Cx<Self>) {
        let title = draft.title.trim();
        if !title.is_empty() {
            self.last += 1;
            self.todos.push(Todo { id: self.last, title: title.into(), completed: false });
            cx.reset_form();
            self.keep();
        }
    }

    fn toggle(&mut self, id: u64) {
        self.todos.iter_mut().filter(|todo| todo.id == id).for_each(|todo| todo.completed = !todo.completed);
        self.keep();
    }

    fn toggle_all(&mut self) {
        let completed = self.active() > 0;
        self.todos.iter_mut().for_each(|todo| todo.completed = completed);
        self.keep();
    }

    fn destroy(&mut self, id: u64) {
        self.todos.retain(|todo| todo.id != id);
        self.keep();
    }

    fn clear_completed(&mut self) {
        self.todos.retain(|todo| !todo.completed);
        self.keep();
    }

    fn edit(&mut self, id: u64, cx: &Cx<Self>) {
        self.editing = Some(id);
        cx.focus(".editing .edit");
    }

    /// Enter, or leaving the field, saves what was typed; nothing but spaces removes the todo.
    fn save(&mut self, id: u64, title: &str) {
        if self.editing.take_if(|editing| *editing == id).is_none() {
            return;
        }
        match title.trim() {
            "" => self.destroy(id),
            title => {
                self.todos.iter_mut().filter(|todo| todo.id == id).for_each(|todo| todo.title = title.into());
                self.keep();
            }
        }
    }

    fn active(&self) -> usize {
        self.todos.iter().filter(|todo| !todo.completed).count()
    }

    fn shown(&self) -> impl Iterator<Item = &Todo> {
        self.todos.iter().filter(|todo| match self.show {
            Show::All => true,
            Show::Active => !todo.completed,
            Show::Completed => todo.completed,
        })
    }

    fn item(&self, todo: &Todo) -> Html<Self> {
        let id = todo.id;
        html! {
            div.view {
                input.toggle type="checkbox" aria-label={ "Done: " (todo.title) } checked[todo.completed]
                    onchange=(move |todos: &mut Self| todos.toggle(id));
                label data-testid="todo-title" ondblclick=(move |todos: &mut Self, cx: &Cx<Self>| todos.edit(id, cx)) { (todo.title) }
                button.destroy aria-label={ "Delete " (todo.title) } onclick=(move |todos: &mut Self| todos.destroy(id)) {}
            }
            @if self.editing == Some(id) {
                input.edit aria-label="Edit" value=(todo.title)
                    onkeydown=(on(move |todos: &mut Self, Value(title): Value<String>| todos.save(id, &title)).key("Enter"))
                    onkeyup=(on(|todos: &mut Self| todos.editing = None).key("Escape"))
                    onblur=(move |todos: &mut Self, Value(title): Value<String>| todos.save(id, &title));
            }
        }
    }

    fn filter(&self, show: Show, name: &'static str) -> Html<Self> {
        let page = TodosPage { filter: Filter { show } };
        html! { li { a.selected[self.show == show] aria-current=[(self.show == show).then_some("page")] href=(page) { (name) } } }
    }
}

impl View for Todos {
    fn render(&self) -> Html<Self> {
        let active = self.active();
        html! {
            section.todoapp {
                header.header {
                    h1 { "todos" }
                    // The text is selected until the server answers, so whoever goes on typing replaces it.
                    form onsubmit=(js::select(".new-todo").then(Self::add)) {
                        input.new-todo name="title" aria-label="What needs to be done?" placeholder="What needs to be done?"
                            autocomplete="off" autofocus;
                    }
                }
                @if !self.todos.is_empty() {
                    section.main {
                        input #toggle-all.toggle-all type="checkbox" checked[active == 0] onchange=(Self::toggle_all);
                        label for="toggle-all" { "Mark all as complete" }
                        ul.todo-list {
                            @for todo in self.shown() {
                                li key=(todo.id) data-testid="todo-item" .completed[todo.completed] .editing[self.editing == Some(todo.id)] { (self.item(todo)) }
                            }
                        }
                    }
                    footer.footer {
                        span.todo-count data-testid="todo-count" { strong { (active) } @if active == 1 { " item left" } @else { " items left" } }
                        ul.filters {
                            (self.filter(Show::All, "All"))
                            (self.filter(Show::Active, "Active"))
                            (self.filter(Show::Completed, "Completed"))
                        }
                        @if active < self.todos.len() {
                            button.clear-completed onclick=(Self::clear_completed) { "Clear completed" }
                        }
                    }
                }
            }
            footer.info { p { "Double-click to edit a todo" } }
        }
    }
}

/// Returns the route `/todos`.
pub fn routes() -> Router {
    Router::new().route(TodosPage::PATH, live(Todos::mount))
}
