// A shopping cart: lines with a price and a quantity.

export function subtotal(lines) {
  let sum = 0;
  for (const line of lines) {
    
  }
  return sum;
}

export function cheapest(lines) {
  return lines.reduce((best, line) => (line.price < best.price ? line : best));
}
