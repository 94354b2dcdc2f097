"""From a table to request bodies: columns, problems, entries, bytes. Pure: no wire, no clock."""
