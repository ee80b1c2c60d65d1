import type { ClearConfig } from '../../../config-felica.js';
import type { ClearingMethod } from './clearing-method.js';
import { ExternalTool } from './external-tool.js';
import { OnDevice } from './on-device.js';
import { WatchedFolder } from './watched-folder.js';

/** Null for a carrier shop, where nothing can be done from here. */
export function makeClearingMethod(config: ClearConfig): ClearingMethod | null {
  switch (config.method) {
    case 'external-tool':
      return new ExternalTool(config);
    case 'watched-folder':
      return new WatchedFolder(config);
    case 'on-device':
      return new OnDevice(config);
    case 'carrier-shop':
      return null;
  }
}
