// Saves a long form while it is being written. Loaded only where a form has data-autosave, the address that saves it;
// without this script the form is posted as any other. What is typed stays on the page and is kept in no storage of
// the browser. One request is under way at a time, and its parcel is kept until it is answered: when an answer is
// lost, the same parcel goes out again, so that a save that did arrive is not taken for somebody else's.

const QUIET = 1500; // milliseconds without typing before a save
const AT_LATEST = 10000; // milliseconds of typing without a pause before a save
const PATIENCE = 60000; // milliseconds before an answer counts as lost
const RETRIES = [2000, 4000, 8000, 15000, 30000, 60000]; // milliseconds between one attempt and the next

const WORDS = {
  saving: "Saving…",
  waiting: "Not saved yet",
  offline: "You are offline. Your text is on this page and will be saved when the connection is back.",
  failing: "Not saved yet: the service does not answer. Your text is on this page; saving is tried again by itself.",
  signedOut: "You have been signed out. Your text is on this page and is not saved yet.",
  gone: "Not saved: this page is no longer yours to write, or you signed in as somebody else. Copy what you want to keep.",
  tooLong: "Not saved: this is more text than one page can hold. Shorten it, or copy what you want to keep.",
};

const FINAL = new Set(["gone", "tooLong", "refused", "stale"]); // trouble that trying again does not end

class Autosave {
  constructor(form) {
    this.form = form;
    this.address = form.dataset.autosave;
    this.bar = document.getElementById("autosave");
    this.line = this.bar.querySelector("[data-autosave-line]");
    this.news = this.bar.querySelector("[data-autosave-news]");
    this.token = form.elements.csrfmiddlewaretoken.value;
    this.changes = "autosaveUnsaved" in form.dataset ? 1 : 0;
    this.settled = 0; // the changes that were saved
    this.parcel = null; // sent, or to be sent, and not answered yet
    this.underWay = null; // the promise of the request under way
    this.trouble = ""; // why nothing can be saved just now
    this.failures = 0;
    this.remark = ""; // what the last save left to be done
    this.leaving = false;
    this.timer = null;
    this.waitingSince = 0;
    this.bar.hidden = false;
    this.listen();
    if (this.changes) this.soon();
  }

  get isDirty() {
    return this.changes > this.settled || this.parcel !== null;
  }

  listen() {
    const changed = (event) => {
      if (event.target.name === "state") return; // only the button says that a section is complete
      this.changes += 1;
      this.leaving = false;
      this.soon();
    };
    this.form.addEventListener("input", changed);
    this.form.addEventListener("focusout", () => this.isDirty && !this.trouble && this.save());
    this.form.addEventListener("submit", (event) => this.submit(event));
    window.addEventListener("online", () => this.again());
    window.addEventListener("offline", () => this.isDirty && this.inTrouble("offline"));
    window.addEventListener("focus", () => this.again());
    window.addEventListener("pageshow", () => (this.leaving = false));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.again();
      else if (this.isDirty && !this.trouble) this.save();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.isDirty && !this.leaving) event.preventDefault();
    });
  }

  /** Save once the writer pauses, and at the latest after a while of steady typing. */
  soon() {
    if (this.trouble) return;
    if (!this.underWay) this.show(WORDS.waiting);
    const now = Date.now();
    this.waitingSince ||= now;
    this.wait(Math.min(QUIET, Math.max(0, this.waitingSince + AT_LATEST - now)));
  }

  wait(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), milliseconds);
  }

  /** Try at once, because something may have changed: the connection is back, or somebody signed in. */
  again() {
    if (this.isDirty && !FINAL.has(this.trouble)) this.save();
  }

  /** Save what is not saved; when a request is under way, wait for that one. */
  save() {
    clearTimeout(this.timer);
    if (FINAL.has(this.trouble) || !this.isDirty) return Promise.resolve();
    this.underWay ||= this.attempt().finally(() => {
      this.underWay = null;
      if (this.changes > this.settled && !this.trouble) this.soon();
    });
    return this.underWay;
  }

  async attempt() {
    this.waitingSince = 0;
    if (!this.trouble) this.show(WORDS.saving);
    try {
      if (this.trouble === "signedOut" && !(await this.freshToken())) return;
      let response = await this.send();
      if (response.status === 403) {
        if (!(await this.freshToken())) return;
        response = await this.send();
      }
      await this.answered(response);
    } catch {
      this.fail(navigator.onLine ? "failing" : "offline");
    }
  }

  pack() {
    const body = new FormData(this.form);
    body.delete("csrfmiddlewaretoken");
    body.delete("state");
    return { body, changes: this.changes };
  }

  send() {
    this.parcel ||= this.pack();
    const headers = { "X-CSRFToken": this.token, Accept: "application/json" };
    return this.ask({ method: "POST", body: this.parcel.body, headers });
  }

  ask(options) {
    const signal = AbortSignal.timeout(PATIENCE);
    return fetch(this.address, { ...options, signal, cache: "no-store", redirect: "error" });
  }

  /** Fetch the token that belongs to today's session, for the script and for the form. */
  async freshToken() {
    const response = await this.ask({ method: "GET", headers: { Accept: "application/json" } });
    if (!response.ok) {
      await this.answered(response);
      return false;
    }
    this.token = (await response.json()).token;
    for (const field of document.getElementsByName("csrfmiddlewaretoken")) field.value = this.token;
    return true;
  }

  async answered(response) {
    switch (response.status) {
      case 200: {
        const { version, sentence, remark } = await response.json();
        this.form.elements.version.value = version;
        this.settled = this.parcel.changes;
        this.parcel = null;
        this.saved(sentence, remark);
        break;
      }
      case 401:
        this.fail("signedOut");
        break;
      case 404:
        this.inTrouble("gone");
        break;
      case 409: {
        const { stale, sentence } = await response.json();
        this.inTrouble(stale ? "stale" : "refused", sentence);
        break;
      }
      case 400:
      case 413:
        this.inTrouble("tooLong");
        break;
      default:
        this.fail("failing");
    }
  }

  /** Read out the first save, one after trouble, and a new remark: not each of the many that are as they should be. */
  saved(sentence, remark) {
    const isNews = this.trouble || !this.news.textContent || remark !== this.remark;
    this.trouble = "";
    this.failures = 0;
    this.remark = remark;
    const words = remark ? `${sentence}. ${remark}` : sentence;
    this.show(words);
    if (isNews) this.news.textContent = words;
  }

  fail(trouble) {
    this.inTrouble(trouble);
    this.wait(RETRIES[Math.min(this.failures, RETRIES.length - 1)]);
    this.failures += 1;
  }

  inTrouble(trouble, sentence = WORDS[trouble]) {
    if (this.trouble === trouble) return;
    this.trouble = trouble;
    this.show(sentence, trouble);
    this.news.textContent = sentence;
  }

  show(sentence, trouble = "") {
    this.bar.classList.toggle("app-autosave--trouble", trouble !== "");
    this.line.textContent = sentence;
    if (trouble === "signedOut") this.line.append(" ", this.signInLink(), ", then come back to this tab.");
    if (trouble === "stale") this.line.append(" ", this.bothTextsButton());
  }

  signInLink() {
    const link = document.createElement("a");
    link.className = "govuk-link";
    link.href = this.form.dataset.signIn;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Sign in (opens in a new tab)";
    return link;
  }

  bothTextsButton() {
    const button = document.createElement("button");
    button.type = "submit";
    button.className = "govuk-button govuk-button--secondary app-autosave__button";
    button.textContent = "Show both texts";
    return button;
  }

  /** Leave by the form's own post, but not with a save under way, nor without a connection or a session. */
  async submit(event) {
    if (this.leaving) return;
    if (this.trouble === "stale" || (!this.isDirty && !this.trouble)) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    await this.underWay;
    await this.save();
    if (this.trouble && this.trouble !== "stale") {
      this.bar.focus();
      return;
    }
    this.leaving = true;
    this.form.requestSubmit(event.submitter);
  }
}

for (const form of document.querySelectorAll("form[data-autosave]")) new Autosave(form);
