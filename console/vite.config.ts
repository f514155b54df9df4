// How the console is built and served while it is being worked on.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.MARQUE_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: { '/api': { target: server, changeOrigin: false }, '/p/': { target: server, changeOrigin: false } } },
  build: {
    target: 'es2022',
    manifest: true,
    // Fonts and images are never inlined: the content security policy allows data: for images only.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        // Vite's own splitting makes some sixty requests; these groups make under twenty.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\//, priority: 40 },
            { name: 'codemirror', test: /node_modules\/(@codemirror|@lezer|style-mod|w3c-keyname|crelt|@marijn)\//, priority: 40 },
            { name: 'app', test: /node_modules\/(@tanstack|i18next|react-i18next|dayjs)\//, priority: 30 },
            { name: 'ui', test: /node_modules\/(antd|@ant-design|@rc-component|rc-)/, priority: 20, minShareCount: 4, minSize: 12_000 },
            { name: 'ui-form', test: /node_modules\/(antd|@ant-design|@rc-component|rc-)/, priority: 10, minShareCount: 2, minSize: 12_000 },
          ],
        },
      },
    },
  },
});
