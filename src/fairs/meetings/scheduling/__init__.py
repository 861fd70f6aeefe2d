"""The hall's timetable: what the solver is asked, its process, its runs, and the meetings that come of a plan."""
