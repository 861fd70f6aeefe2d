"""The hall's timetable: the solver's problem, its process, its runs, and the meetings made from a plan."""
