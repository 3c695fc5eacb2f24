UPDATE store SET pings = pings + 1;
