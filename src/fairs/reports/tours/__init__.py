"""What a tour has brought: numbers by city and employer with their rows, and thanks to its people."""
