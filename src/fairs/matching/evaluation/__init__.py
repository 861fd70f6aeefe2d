"""Quality of the ranking on judged sets, with each stage on or off: `fairs match ablate`."""
