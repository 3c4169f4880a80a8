"""A room of students: how many sessions the server carries, and what happens beyond."""
