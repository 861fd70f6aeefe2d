"""The print agent: a program on the desk's laptop that fetches badges and prints them by IPP. It needs no database."""
