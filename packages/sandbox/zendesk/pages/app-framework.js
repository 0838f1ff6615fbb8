/** Stands in for Zendesk's app framework in the page of an app: asks the page around it by messages. */
globalThis.ZAFClient = {
  init() {
    const origin = new URLSearchParams(location.search).get("origin");
    if (origin === null || parent === globalThis) return false;
    const waiting = new Map();
    const heard = new Map();
    addEventListener("message", ({ source, origin: from, data }) => {
      if (source !== parent || from !== origin) return;
      if (data.event !== undefined) return void heard.get(data.event)?.();
      const { resolve, reject } = waiting.get(data.id) ?? {};
      waiting.delete(data.id);
      if (data.problem === undefined) resolve?.(data.value);
      else reject?.(new Error(data.problem));
    });
    const ask = (call, name, argument) =>
      new Promise((resolve, reject) => {
        const id = crypto.randomUUID();
        waiting.set(id, { resolve, reject });
        parent.postMessage({ id, call, name, argument }, origin);
      });
    return {
      get: async (name) => ({ [name]: await ask("get", name) }),
      invoke: (name, argument) => ask("invoke", name, argument),
      on: (event, act) => void heard.set(event, act),
    };
  },
};
