"""Files that strangers made: what they are, what they tell, and how they are shown without being trusted. Knows no vault and no record."""
