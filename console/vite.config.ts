import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Built once into the Python package, which serves it: no Node at run time.
export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../src/vigie/interfaces/console',
    emptyOutDir: true,
    // everything comes from our own origin: the page's policy allows nothing else, not even data: scripts
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:7070', '/login': 'http://127.0.0.1:7070' } },
})
