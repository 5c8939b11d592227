# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab: add
#
# Add two numbers, after [the post](../series/a-sum.md).

# %%
print(1 + 2)
