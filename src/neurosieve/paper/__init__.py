"""The paper's exhibits by number: what each of its tables and figures needs, measured for any model and any task."""
