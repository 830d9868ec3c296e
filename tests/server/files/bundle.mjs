// Bundles Uppy for a page, as the global `stock`. Run in client-sdk/js, with the folder for stock.js in STOCK.
import { build } from 'vite';

const entry = `${process.cwd()}/stock.js`;
await build({
  configFile: false,
  logLevel: 'error',
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [
    {
      name: 'stock',
      resolveId: (id) => (id === entry ? entry : null),
      load: (id) =>
        id === entry ? "export { default as Uppy } from '@uppy/core'; export { default as Tus } from '@uppy/tus';" : null,
    },
  ],
  build: {
    outDir: process.env.STOCK,
    emptyOutDir: false,
    lib: { entry, formats: ['iife'], name: 'stock', fileName: () => 'stock.js' },
  },
});
