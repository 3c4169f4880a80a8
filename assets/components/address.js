// A link on the path strip goes the way of the menu, without loading the whole app again.
function followLinksInPlace() {
  if (window.insideBertLinks) return;
  window.insideBertLinks = true;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a.ib-go");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const path = new URL(link.href).pathname.replace(/\/$/, "");
    const menu = [...document.querySelectorAll("[data-testid=stSidebarNav] a")];
    const same = menu.find((a) => new URL(a.href).pathname.replace(/\/$/, "") === path);
    if (!same) return;
    event.preventDefault();
    same.click();
  });
}

function isAt(page) {
  return page !== null && location.pathname.endsWith(`/${page}`);
}

// Replaces the address bar's query with what the controls say. `stamp` is the server's clock:
// parts of a page may be drawn again in any order, and an older word never undoes a newer one.
export default function ({ data }) {
  followLinksInPlace();
  const book = (window.insideBertAddress ??= { values: {}, stamps: {}, whole: 0 });
  const { stamp, page, whole, values } = data;
  if (stamp < book.whole) return;
  if (whole) {
    book.whole = stamp;
    book.page = page;
    for (const key of Object.keys(book.values)) {
      if (!(key in values) && book.stamps[key] <= stamp) delete book.values[key];
    }
  }
  for (const [key, value] of Object.entries(values)) {
    if (stamp < (book.stamps[key] ?? 0)) continue;
    book.stamps[key] = stamp;
    book.values[key] = value;
  }
  // A page that is being left says nothing more, one that is being drawn nothing yet.
  if (!book.whole || page !== book.page || !isAt(page)) return;
  const query = new URLSearchParams();
  for (const [key, value] of new URLSearchParams(location.search)) {
    if (key.startsWith("embed")) query.append(key, value);
  }
  const rank = (key) => (key === "lang" ? 0 : key === "model" ? 1 : key.startsWith("text") ? 3 : 2);
  const order = (a, b) => rank(a) - rank(b) || a.localeCompare(b);
  for (const key of Object.keys(book.values).sort(order)) {
    const value = book.values[key];
    if (value !== null && value !== undefined) query.set(key, value);
  }
  const search = query.toString();
  const address = location.pathname + (search ? `?${search}` : "") + location.hash;
  if (address !== location.pathname + location.search + location.hash) {
    history.replaceState(history.state, "", address);
  }
}
