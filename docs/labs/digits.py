# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lab
#
# Train a network and $x^2$.

# %%
# %config InlineBackend.figure_formats = ["svg"]
import matplotlib.pyplot as plt
print("hello")

# %% alt="A line"
plt.plot([1, 2, 3], label="a"); plt.legend(); plt.title("T");
