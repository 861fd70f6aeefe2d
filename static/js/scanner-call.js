/** Calls to the server with this scanner's token, and the server's clock as far as it was heard. */

const PATIENCE = 3000; // ms for the network before a scan is kept for later
const CLOSE = 2000; // ms by which clocks may differ without being corrected

export class Line {
  constructor(store) {
    this.store = store;
    this.skew = store.skew(); // ms that the server's clock is ahead of this device's, when it matters
    this.measured = false;
  }

  now() {
    return Date.now() + this.skew;
  }

  /** Measure the clock by an answer that came quickly enough to tell. */
  correct(told, asked) {
    const came = Date.now();
    if (!told || came - asked > CLOSE) return;
    const ahead = new Date(told) - (asked + came) / 2;
    this.skew = this.store.skew(Math.abs(ahead) > CLOSE ? Math.round(ahead) : 0);
    this.measured = true;
  }

  /** Rejects without a status when there is no answer in time. */
  async call(path, body, patience = PATIENCE) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), patience);
    const asked = Date.now();
    try {
      const answer = await fetch(`/api/v1/checkin/${path}`, {
        method: body ? "POST" : "GET",
        body: body ? JSON.stringify(body) : undefined,
        headers: { authorization: `Bearer ${this.store.token()}`, "content-type": "application/json" },
        signal: stop.signal,
      });
      this.correct(answer.headers.get("x-server-time") || answer.headers.get("date"), asked);
      if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
      return await answer.json();
    } finally {
      clearTimeout(timer);
    }
  }
}
