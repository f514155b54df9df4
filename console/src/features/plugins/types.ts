// Plugins as the server tells whoever keeps them.
import type { Data, Json, Plugin, Schema } from '../../api/types.ts';

export interface PluginDetail extends Plugin {
  settings_schema?: Schema | null;
  settings?: Data | null;
  points?: Json[];
  owns?: Json;
  kinds?: Json[];
  screens?: Json;
}

export interface PluginLog {
  at: string;
  level: number | string;
  message: string;
  fields?: Json;
}
