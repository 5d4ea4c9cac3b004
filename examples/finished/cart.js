// A shopping cart: lines with a price and a quantity.

export function subtotal(lines) {
  let sum = 0;
  for (const line of lines) {
    sum += line.price * line.quantity;
  }
  return sum;
}

/**
 * Return the line with the lowest price.
 * @param {{price: number}[]} lines at least one
 */
export function cheapest(lines) {
  return lines.reduce((best, line) => (line.price < best.price ? line : best));
}
