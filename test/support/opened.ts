/** Stands for what a hook opens: whatever a test asks of it is asked of what is open then. */
export function openedBy<Opened extends object>(opened: () => Opened | undefined): Opened {
  const now = (): Opened => {
    const found = opened();
    if (found === undefined) throw new Error("it opens before the first test, not with the file");
    return found;
  };
  return new Proxy({} as Opened, {
    get: (_none, name) => Reflect.get(now(), name),
    set: (_none, name, value) => Reflect.set(now(), name, value),
  });
}
