"""邀请码: codes that open closed categories and keep places for the invited."""
