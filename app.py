"""The dashboard: its pages and their navigation."""

from pathlib import Path

import streamlit as st

from views.parts.cached import load_methods
from views.parts.frame.frame import framed
from views.parts.frame.sidebar import sidebar
from views.parts.frame.state import told
from views.parts.frame.users import lead_to_link, sign_in, signed_in
from views.parts.system import watched

st.set_page_config(page_title="Infoscope", page_icon="static/icon.png", layout="wide")

st.html(Path(__file__).parent / "views" / "parts" / "frame" / "page.css")

watched()
allowed = signed_in()
page = st.navigation(
    {
        "Explore": [
            st.Page("views/data.py", title="Data", default=True),
            st.Page("views/information.py", title="Information"),
            st.Page("views/pair.py", title="Pair"),
            st.Page("views/ranking.py", title="Ranking"),
            st.Page("views/geometry.py", title="Geometry"),
        ],
        "Unlearn": [
            st.Page("views/unlearn.py", title="Train"),
            st.Page("views/tune.py", title="Tune"),
            st.Page("views/scan.py", title="Scan"),
            st.Page("views/compare.py", title="Compare"),
            st.Page("views/abcd.py", title="ABCD"),
        ],
        "Learn": [
            st.Page("views/disentangle.py", title="Disentangle"),
            st.Page("views/event_variables.py", title="Event variables"),
            st.Page("views/ensembles.py", title="Many events"),
            st.Page("views/calibration.py", title="Calibration"),
        ],
        "Runs": [
            st.Page("views/runs.py", title="Runs"),
            st.Page("views/system.py", title="System"),
            st.Page("views/guide.py", title="Guide"),
        ],
    },
    expanded=True,
    position="sidebar" if allowed else "hidden",
)
if allowed:
    lead_to_link()
    framed()
    with st.sidebar, told():  # the run store may not answer
        sidebar()
    with told():
        page.run()
    load_methods()
else:
    sign_in()
