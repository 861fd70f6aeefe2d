"""What people are told: texts of mails, mailings to registrations of an event, rules by the clock."""
