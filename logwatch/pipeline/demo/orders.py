"""Purchase orders for the demo, one file of each kind that the pipeline reads, over and over."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pandas as pd

# Three products an order, all of them in the shipped catalogue.
_PRODUCTS = (
    (
        ("Green Tea 250 g", "GT-250", 24, 3.50),
        ("Sugar 1 kg", "SU-1", 40, 1.20),
        ("Coffee Beans 1 kg", "CB-1", 12, 11.90),
    ),
    (
        ("Olive Oil 0.75 l", "OO-75", 36, 7.40),
        ("Tomato Sauce", "TS-1", 60, 1.10),
        ("Basmati Rice 5 kg", "BR-5", 18, 9.80),
    ),
    (
        ("Dish Soap", "DS-1", 48, 1.90),
        ("Paper Towels, 4 rolls", "PT-4", 30, 2.60),
        ("AA Batteries, 8 pieces", "AA-8", 25, 4.95),
    ),
)
_SUFFIXES = ("csv", "json", "xlsx")


@dataclass(frozen=True, slots=True)
class OrderFile:
    """A file to submit, and whose order it is."""

    merchant: str
    name: str
    content: bytes


def order_files(count: int) -> tuple[OrderFile, ...]:
    """Return `count` orders of three merchants, three lines each."""
    return tuple(_order_file(number) for number in range(1, count + 1))


def _order_file(number: int) -> OrderFile:
    kind = (number - 1) % len(_SUFFIXES)
    table = pd.DataFrame(_PRODUCTS[kind], columns=["name", "sku", "quantity", "unit price"])
    name = f"PO-{number}.{_SUFFIXES[kind]}"
    return OrderFile(f"merchant_{kind + 1}", name, _written(table, _SUFFIXES[kind], f"PO-{number}"))


def _written(table: pd.DataFrame, suffix: str, number: str) -> bytes:
    if suffix == "csv":
        return table.to_csv(index=False).encode("utf-8")
    if suffix == "json":
        order = {"number": number, "lines": table.to_dict(orient="records")}
        return json.dumps(order, indent=1).encode("utf-8")
    target = io.BytesIO()
    table.to_excel(target, index=False)
    return target.getvalue()
