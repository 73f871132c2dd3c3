"""Throw-away machines with real mail daemons: nothing here touches the system it runs on."""
