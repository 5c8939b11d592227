"""Two numbers, and what they come to."""

x = 0.1
y = 0.25

# --8<-- [start:add]
total = x + y
print(f"{total:.2f}")
# --8<-- [end:add]

double = x + x

# --8<-- [start:gap]
gap = y - x
print(f"{gap:.2f}")
# --8<-- [end:gap]
