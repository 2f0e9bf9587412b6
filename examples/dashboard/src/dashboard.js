// Counts the frames that this page shows.

import { lanai } from "/_lanai/lanai.js";

lanai.hook("frames", {
  mounted() {
    this.count = 0;
    this.timer = setInterval(() => {
      this.el.querySelector("#frames").value = this.count;
      this.count = 0;
    }, 1000);
  },
  updated() {
    this.count += 1;
  },
  destroyed() {
    clearInterval(this.timer);
  },
});
