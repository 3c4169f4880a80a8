"""Keeps the page's own entry of a long menu in sight."""

import streamlit as st

_show_entry = st.components.v2.component(
    "inside_bert_menu",
    js="""
export default function ({ data }) {
  if (data.page === window.insideBertPage) return; // a rerun must not move a menu being scrolled
  window.insideBertPage = data.page;
  const show = () => {
    const menu = document.querySelector("[data-testid=stSidebarContent]");
    const entry = menu?.querySelector("[data-testid=stSidebarNavLink][aria-current=page]");
    if (!entry) return;
    const controls = menu.querySelector("[data-testid=stSidebarUserContent]")?.offsetHeight || 0;
    const room = menu.clientHeight - controls;
    const at = entry.getBoundingClientRect().top - menu.getBoundingClientRect().top;
    if (at < 60 || at > room - 60) menu.scrollTop += at - room / 2;
  };
  setTimeout(show, 300); // the menu is drawn after the page's first elements
}
""",
)


def show_in_menu(page: str) -> None:
    """Scroll the menu to the entry of the page that was just opened."""
    _show_entry(data={"page": page}, key="menu_entry", height=1)
