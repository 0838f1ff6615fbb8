/** Names that a model can write, from those of columns. */

/** `customer_id` leads to the `customer`. */
export function joinName(column: string): string {
  return plainName(column.replace(/_?(?:id|fk|key)$/i, "") || column);
}

/** A name that a model can write: small letters, digits and underscores. */
export function plainName(name: string): string {
  const words = name
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, "_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
  return /^[a-z]/.test(words) ? words : `column_${words}`;
}
