"""The dashboard: its pages and their navigation."""

from pathlib import Path

import streamlit as st

from pages.parts.cached import load_methods
from pages.parts.frame.frame import framed
from pages.parts.frame.sidebar import sidebar
from pages.parts.frame.state import told
from pages.parts.frame.users import sign_in, signed_in
from pages.parts.system import watched

st.set_page_config(page_title="Infoscope", page_icon="static/icon.png", layout="wide")

st.html(Path(__file__).parent / "pages" / "parts" / "frame" / "page.css")

watched()
allowed = signed_in()
page = st.navigation(
    {
        "Explore": [
            st.Page("pages/data.py", title="Data", default=True),
            st.Page("pages/information.py", title="Information"),
            st.Page("pages/pair.py", title="Pair"),
            st.Page("pages/ranking.py", title="Ranking"),
            st.Page("pages/geometry.py", title="Geometry"),
        ],
        "Unlearn": [
            st.Page("pages/unlearn.py", title="Train"),
            st.Page("pages/tune.py", title="Tune"),
            st.Page("pages/scan.py", title="Scan"),
            st.Page("pages/compare.py", title="Compare"),
            st.Page("pages/abcd.py", title="ABCD"),
        ],
        "Learn": [
            st.Page("pages/disentangle.py", title="Disentangle"),
            st.Page("pages/event_variables.py", title="Event variables"),
            st.Page("pages/ensembles.py", title="Many events"),
            st.Page("pages/calibration.py", title="Calibration"),
        ],
        "Runs": [
            st.Page("pages/runs.py", title="Runs"),
            st.Page("pages/system.py", title="System"),
            st.Page("pages/guide.py", title="Guide"),
        ],
    },
    expanded=True,
    position="sidebar" if allowed else "hidden",
)
if allowed:
    framed()
    with st.sidebar, told():  # the run store may not answer
        sidebar()
    with told():
        page.run()
    load_methods()
else:
    sign_in()
