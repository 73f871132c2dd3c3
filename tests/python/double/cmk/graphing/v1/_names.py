def check_name(name: str) -> None:
    if not name:
        raise ValueError("a name must not be empty")
