// Plugins as the server tells whoever keeps them.
import type { Data, Json, Plugin, Schema } from '../../api/types.ts';
import type { PublicPage } from '../../ui/pages.ts';

export interface PluginDetail extends Plugin {
  settings_schema?: Schema | null;
  settings?: Data | null;
  points?: Json[];
  owns?: Json;
  kinds?: Json[];
  screens?: Json;
  pages?: PublicPage[];
  /** Organisations that do without it. */
  off?: string[];
}

export interface PluginLog {
  at: string;
  level: number | string;
  message: string;
  fields?: Json;
}
