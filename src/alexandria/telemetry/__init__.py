"""What the program says about itself: structured logs (metrics and traces come with the dashboard)."""
