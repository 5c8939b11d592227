"""Two numbers, and what they come to."""

x = 0.1
y = 0.25

# --8<-- [start:add]
total = x + y
print(f"{total:.2f}")
# --8<-- [end:add]
