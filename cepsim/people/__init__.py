"""Publics, demand, arrivals, traits: the people and their draws."""
