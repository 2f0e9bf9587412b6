// The page's side of the channel. The hook is active while an element with data-lanai-hook="chat" is on the page.

import { lanai } from "/_lanai/lanai.js";

lanai.hook("chat", {
  mounted() {
    const find = (selector) => this.el.querySelector(selector);
    const say = (text) => find(".heard").appendChild(document.createElement("li")).append(text);

    // No cleanup is needed: a hook's channel closes when its element is removed.
    const channel = this.channel("chat");
    channel.on("new_message", ({ user, text }) => say(`${user}: ${text}`));
    channel.on("notification", ({ text }) => say(`Server says: ${text}`));

    find("form").onsubmit = (event) => {
      event.preventDefault();
      const input = find("form input");
      if (input.value) channel.emit("send_message", { user: "me", text: input.value });
      input.value = "";
    };

    find(".count").onclick = async () => {
      // If there is no answer, the promise is rejected with an error whose `kind` is "timeout", "none", "failed",
      // "gone" or "closed".
      find("output").value = await channel.request("count").then(String, (error) => `${error.kind}: ${error.message}`);
    };

    // The return value of a handler is the answer; if it is a promise, the answer is its result. An exception becomes
    // an error on the server.
    const manners = {
      answer: () => ({ lat: 40.7, lng: -74 }),
      browser: () => new Promise((found, failed) => {
        navigator.geolocation.getCurrentPosition(({ coords }) => found({ lat: coords.latitude, lng: coords.longitude }), failed);
      }),
      throw: () => {
        throw new Error("the compass is broken");
      },
      wait: () => new Promise(() => {}),
      nonsense: () => "behind the seven mountains",
    };
    const manner = find("[name=manner]");
    let off = () => {};
    manner.onchange = () => {
      off();
      off = manner.value in manners ? channel.on("get_location", manners[manner.value]) : () => {};
    };
    manner.onchange();
  },
});
