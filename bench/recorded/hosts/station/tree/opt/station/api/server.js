// The station's interface: last measures, new ones, and its page.
const http = require('http'), fs = require('fs'), net = require('net'), path = require('path');
const rules = require('./rules');
const config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const log = (level, message) => process.stderr.write(`${new Date().toISOString()} ${level} api: ${message}\n`);
function cache(words) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(config.cache.port, config.cache.host, () => socket.write(words.join(' ') + '\r\n'));
    socket.setTimeout(1500, () => socket.destroy(new Error('cache timed out')));
    socket.once('data', (said) => { socket.end(); said[0] === 45 ? reject(new Error('cache says ' + said.toString().trim())) : resolve(said.toString()); });
    socket.once('error', reject);
  });
}
async function answer(request, body) {
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/healthz') { await cache(['PING']); return 'ok'; }
  if (url.pathname === '/api/last') return await cache(['GET', 'last']);
  if (url.pathname === '/api/sites') return fs.readFileSync(config.lookup, 'utf8');
  if (url.pathname === '/api/measure') {
    rules.accept(body, config.maxBatch);
    fs.writeFileSync(path.join(config.spool, `${Date.now()}-${Math.random()}.json`), body);
    await cache(['SET', 'last', String(Date.now())]);
    return 'kept';
  }
  return fs.readFileSync(path.join(__dirname, '../ui', url.pathname === '/' ? 'index.html' : path.basename(url.pathname)), 'utf8');
}
http.createServer((request, response) => {
  let body = '';
  request.on('data', (part) => { body += part; });
  request.on('end', async () => {
    try { const text = await answer(request, body); log('INFO', `${request.method} ${request.url} 200`); response.end(text); }
    catch (error) { log('ERROR', `${request.method} ${request.url} 500 ${error.stack}`); response.statusCode = 500; response.end('{"error": true}'); }
  });
}).listen(config.listen.port, config.listen.host, () => log('INFO', `listening on ${config.listen.port}`));
