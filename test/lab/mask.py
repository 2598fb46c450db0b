#!/usr/bin/env python3
"""Write masked.h: the addresses of ioc.json, XOR-masked, so that no program file holds them."""
import json
import sys

KEY = 0x5A
ioc = json.load(open(sys.argv[1]))
strings = {"IP": ioc["ip"], "V6_SHORT": ioc["v6"][0], "V6_LONG": ioc["v6"][1], "PROXY": ioc["proxy"]}
print(f"#define KEY {KEY}")
for name, text in strings.items():
    masked = ", ".join(str(c ^ KEY) for c in text.encode())
    print(f"static const volatile unsigned char {name}[] __attribute__((unused)) = {{{masked}}};")
