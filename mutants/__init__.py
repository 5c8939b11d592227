"""Errors such as a contributor would make, put into copies of the project: how many do its checks notice?"""
