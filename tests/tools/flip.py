"""Copies a file with one byte changed: flip.py FROM TO OFFSET"""
import sys

data = bytearray(open(sys.argv[1], "rb").read())
data[int(sys.argv[3])] ^= 0x01
open(sys.argv[2], "wb").write(data)
