"""Mutation tests: which small errors in the core would no test see?"""
