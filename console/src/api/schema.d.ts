// Generated from the server's OpenAPI document by `npm run api`. Not to be edited; the browser walk fails when it is behind.

/** The shapes the document names. */
export interface Schemas {
  Actor: {
    for?: {
      label?: string;
      name?: string | null;
    };
    label?: string;
    name?: string | null;
  };
  Attachment: {
    actor?: Schemas['Actor'];
    at?: string;
    digest?: string;
    id?: string;
    name?: string;
    size?: number;
    type?: string;
  };
  AuditEntry: {
    actor?: string;
    actor_name?: string | null;
    address?: string;
    at?: string;
    chain?: string;
    detail?: Record<string, unknown>;
    digest?: string;
    export?: Record<string, unknown>;
    for?: string;
    for_name?: string;
    kind?: string;
    org?: string | null;
    record?: string;
    rev?: number;
    seq?: number;
    text?: string;
    what?: string;
  };
  AuditRoot: {
    at?: string;
    chain?: string;
    count?: number;
    key?: string;
    signature?: string;
  };
  Change: {
    field?: string;
    masked?: true;
    new?: unknown;
    old?: unknown;
  };
  CheckReport: {
    examples?: ({
      got?: unknown;
      message?: string;
      name?: string;
      ok?: boolean;
    })[];
    ok?: boolean;
    problems?: ({
      code?: string;
      column?: number;
      line?: number;
      message?: string;
    })[];
  };
  Event: {
    actor?: string;
    at?: string;
    cause?: number | null;
    data?: unknown;
    depth?: number;
    kind?: string;
    org?: string;
    record?: {
      id?: string;
      kind?: string;
      rev?: number;
    } | null;
    seq?: number;
    subject?: string | null;
  };
  Export: {
    actor?: string;
    at?: string;
    decided_at?: string;
    decided_by?: string;
    ended_at?: string | null;
    expires_at?: string;
    fields?: (string)[] | null;
    filter?: unknown;
    format?: "csv" | "xlsx" | "ndjson";
    id?: string;
    kind?: string;
    labels?: string;
    n_matching?: number;
    n_rows?: number;
    name?: string;
    order?: string;
    org?: string;
    purpose?: string;
    q?: string | null;
    rows?: number;
    state?: "waiting" | "refused" | "running" | "done" | "ready" | "aborted" | "failed" | "expired";
    why?: string;
  };
  Field: {
    custom?: boolean;
    default?: unknown;
    extensible?: boolean;
    help?: Schemas['Text'];
    indexed?: boolean;
    label?: Schemas['Text'];
    max?: number;
    max_years?: number;
    min?: number;
    name?: string;
    org?: string;
    past?: boolean;
    personal?: boolean;
    readonly?: boolean;
    required?: boolean;
    retired?: boolean;
    searchable?: boolean;
    to?: string;
    type?: string;
    unique?: "org" | "brand";
    values?: ({
      custom?: boolean;
      label?: Schemas['Text'];
      retired?: boolean;
      tone?: string;
      value?: string;
    })[];
    whole?: boolean;
  };
  FieldError: {
    code?: string;
    message?: string;
    pointer?: string;
  };
  Item: {
    as_of?: {
      at?: string;
      rev?: number;
    };
    created_at: string;
    data: Record<string, unknown>;
    hints?: Record<string, string>;
    id: string;
    kind: string;
    masked?: (string)[];
    org: string;
    refs?: Schemas['Refs'];
    rev: number;
    stale?: (string)[];
    updated_at: string;
  };
  Job: {
    actor?: string;
    conflicts?: ({
      actor?: Record<string, unknown> | null;
      at?: string | null;
      before?: unknown;
      code?: string;
      field?: string | null;
      id?: string;
      kind?: string;
      message?: string;
      now?: unknown;
    })[];
    counts?: {
      invalid?: number;
      known?: number;
      new?: number;
      repeated?: number;
      review?: number;
    };
    created_at?: string;
    detail?: unknown;
    done?: number;
    faults?: ({
      code?: string;
      field?: string | null;
      message?: string;
      row?: number;
    })[];
    held?: {
      n_waiting?: number;
      state?: "held" | "going" | "discarded";
    };
    id?: string;
    kind?: string;
    org?: string;
    state?: "running" | "done" | "failed" | "cancelled" | "undone";
    total?: number;
    undo?: {
      done?: number;
      kept?: number;
      removed?: number;
      restored?: number;
      total?: number;
    };
    updated_at?: string;
  };
  Kind: {
    actions?: ({
      input?: Record<string, unknown>;
      label?: string | Record<string, string>;
      name?: string;
      roles?: (string)[];
      style?: string;
      target?: boolean;
      when?: {
        states?: (string)[];
      };
    })[];
    fields?: Record<string, Schemas['Field']>;
    kind?: string;
    label?: string | Record<string, string>;
    plugin?: string | null;
    plural?: string | Record<string, string>;
    states?: Record<string, unknown>;
    title?: string;
  };
  Page: {
    count?: number;
    items?: (Schemas['Item'])[];
    next?: string | null;
    refs?: Schemas['Refs'];
  };
  Parked: {
    attempts?: number;
    event?: Schemas['Event'];
    fault?: {
      blame?: "guest" | "host";
      code?: string;
      message?: string;
    };
    parked_at?: string;
    seq?: number;
    subject?: string | null;
  };
  Plugin: {
    asks?: (string)[];
    calls?: number;
    description?: string | Record<string, string>;
    fault?: Record<string, unknown>;
    faults?: number;
    hears?: (string)[];
    label?: string | Record<string, string>;
    lag?: number;
    name?: string;
    pages?: ({
      kind?: string;
      label?: string | Record<string, string>;
      name?: string;
      target?: boolean;
      url?: string;
    })[];
    parked?: number;
    points?: (Record<string, unknown>)[];
    reads?: (string)[];
    screens?: unknown;
    settings?: unknown;
    settings_schema?: Record<string, unknown> | null;
    state?: "enabled" | "disabled" | "failed";
    version?: string;
  };
  Problem: {
    code: string;
    detail: string;
    errors?: (Schemas['FieldError'])[];
    status: number;
    title: string;
    type: string;
  };
  Receipt: {
    at?: string;
    fallback?: string | null;
    field?: string;
    id?: string;
    input?: unknown;
    org?: string;
    output?: unknown;
    plugin?: string;
    plugin_version?: string;
    point?: string;
    reasons?: (string)[];
    script?: string;
    script_digest?: string;
    script_owner?: string;
    script_version?: number;
  };
  Refs: Record<string, {
    kind?: string;
    title?: string;
  }>;
  Revision: {
    actor?: Schemas['Actor'];
    at?: string;
    changes?: (Schemas['Change'])[];
    overrides?: Record<string, string>;
    rev?: number;
    seq?: number;
    undoes?: number | null;
    why?: string | null;
  };
  Script: {
    builtin_source?: string | null;
    draft?: Record<string, unknown> | null;
    examples?: (unknown)[];
    failures?: number;
    fault?: Record<string, unknown>;
    has_draft?: boolean;
    input?: unknown;
    label?: string | Record<string, string>;
    name?: string;
    org?: string;
    output?: unknown;
    owner?: string;
    parameters?: Record<string, unknown>;
    plugin?: string | null;
    source?: string | null;
    state?: "builtin" | "draft" | "published";
    version?: number;
  };
  Segment: {
    counted_at?: string;
    created_at?: string;
    filter?: Record<string, unknown>;
    id?: string;
    is_filling?: boolean;
    is_static?: boolean;
    kind?: string;
    n?: number;
    name?: string;
    org?: string;
    owner?: string | null;
    rev?: number;
    updated_at?: string;
  };
  Text: string | Record<string, string>;
  TimelineEntry: {
    actor?: Schemas['Actor'];
    at?: string;
    attachment?: Schemas['Attachment'];
    changes?: (Schemas['Change'])[];
    data?: Record<string, unknown>;
    kind?: string;
    org?: string;
    receipts?: (Schemas['Receipt'])[];
    record?: {
      id?: string;
      kind?: string;
      rev?: number;
      title?: string;
    } | null;
    seq?: number;
    title?: string | Record<string, string>;
  };
}

/** Where each method may go. */
export interface Paths {
  get:
    | '/account/links'
    | '/account/totp'
    | `/attachments/${string}`
    | '/audit'
    | '/audit/roots'
    | '/clock'
    | '/contact/policy'
    | '/events'
    | '/events/stream'
    | '/exports'
    | `/exports/${string}`
    | `/exports/${string}/file`
    | '/jobs'
    | `/jobs/${string}`
    | `/jobs/${string}/file`
    | '/kinds'
    | `/kinds/${string}`
    | `/kinds/${string}/fields`
    | `/kinds/${string}/labels`
    | '/orgs/tree'
    | '/outbound'
    | '/outbound/letters'
    | '/plugins'
    | `/plugins/${string}`
    | `/plugins/${string}/export`
    | `/plugins/${string}/logs`
    | `/plugins/${string}/parked`
    | '/privacy/erasures'
    | '/privacy/retention'
    | '/recipes'
    | '/records/archive'
    | `/records/archive/${string}`
    | '/records/consent'
    | `/records/consent/${string}`
    | '/records/customer'
    | `/records/customer/${string}`
    | `/records/customer/${string}/contact`
    | `/records/customer/${string}/may`
    | `/records/customer/${string}/merges`
    | '/records/data_request'
    | `/records/data_request/${string}`
    | '/records/identity'
    | `/records/identity/${string}`
    | '/records/import_mapping'
    | `/records/import_mapping/${string}`
    | '/records/message'
    | `/records/message/${string}`
    | '/records/org'
    | `/records/org/${string}`
    | '/records/review'
    | `/records/review/${string}`
    | '/records/role'
    | `/records/role/${string}`
    | '/records/saved_view'
    | `/records/saved_view/${string}`
    | '/records/team'
    | `/records/team/${string}`
    | '/records/template'
    | `/records/template/${string}`
    | '/records/user'
    | `/records/user/${string}`
    | `/records/${string}`
    | `/records/${string}/aggregate`
    | `/records/${string}/export`
    | `/records/${string}/${string}`
    | `/records/${string}/${string}/attachments`
    | `/records/${string}/${string}/history`
    | `/records/${string}/${string}/timeline`
    | `/records/${string}/${string}/why/${string}`
    | '/revocations'
    | '/screens'
    | '/scripts'
    | '/scripts/definitions'
    | `/scripts/${string}/${string}`
    | `/scripts/${string}/${string}/parked`
    | `/scripts/${string}/${string}/versions`
    | '/search'
    | '/segments'
    | `/segments/${string}`
    | `/segments/${string}/records`
    | '/session'
    | '/session/oidc'
    | '/session/oidc/callback'
    | '/session/rules'
    | '/session/ways'
    | '/sessions'
    | '/templates'
    | '/tokens'
    | `/users/${string}/duty`
    | `/users/${string}/sees`
    | '/webhooks'
    | `/webhooks/${string}`
    | `/webhooks/${string}/deliveries`;
  post:
    | '/account/password'
    | '/account/totp'
    | '/account/totp/confirm'
    | '/contact/count'
    | '/exports'
    | `/exports/${string}/approve`
    | `/exports/${string}/refuse`
    | `/jobs/${string}/cancel`
    | `/jobs/${string}/discard`
    | `/jobs/${string}/release`
    | `/jobs/${string}/undo`
    | `/kinds/${string}/fields`
    | '/outbound/letters/printed'
    | `/outbound/reports/${string}`
    | '/plugins'
    | `/plugins/${string}/disable`
    | `/plugins/${string}/enable`
    | `/plugins/${string}/grant`
    | `/plugins/${string}/parked/${string}/drop`
    | `/plugins/${string}/parked/${string}/retry`
    | `/plugins/${string}/preview`
    | `/plugins/${string}/refuse`
    | `/plugins/${string}/replay`
    | `/plugins/${string}/rollback`
    | `/recipes/${string}/begin`
    | '/records/customer'
    | '/records/customer/actions/find_duplicates'
    | `/records/customer/${string}/actions/consent`
    | `/records/customer/${string}/actions/erase`
    | `/records/customer/${string}/actions/export`
    | `/records/customer/${string}/actions/merge`
    | `/records/customer/${string}/actions/unmerge`
    | '/records/data_request'
    | '/records/import_mapping'
    | `/records/message/${string}/actions/cancel`
    | '/records/org'
    | `/records/review/${string}/actions/dismiss`
    | `/records/review/${string}/actions/merge`
    | '/records/role'
    | '/records/saved_view'
    | '/records/team'
    | '/records/template'
    | '/records/user'
    | `/records/user/${string}/actions/set_password`
    | `/records/${string}`
    | `/records/${string}/actions/${string}`
    | `/records/${string}/import`
    | `/records/${string}/look_up`
    | `/records/${string}/${string}/actions/${string}`
    | `/records/${string}/${string}/attachments`
    | `/records/${string}/${string}/moves/${string}`
    | `/records/${string}/${string}/notify`
    | `/records/${string}/${string}/restore`
    | `/records/${string}/${string}/reveal`
    | `/records/${string}/${string}/undo`
    | '/revocations'
    | `/scripts/${string}/${string}/check`
    | `/scripts/${string}/${string}/parked/${string}/drop`
    | `/scripts/${string}/${string}/parked/${string}/retry`
    | `/scripts/${string}/${string}/preview`
    | `/scripts/${string}/${string}/promote`
    | `/scripts/${string}/${string}/publish`
    | `/scripts/${string}/${string}/rollback`
    | '/segments'
    | `/segments/${string}/records`
    | '/session'
    | '/templates/preview'
    | '/templates/test'
    | '/tokens'
    | `/users/${string}/password`
    | `/users/${string}/totp/reset`
    | '/webhooks'
    | `/webhooks/${string}/deliveries/${string}/retry`
    | `/webhooks/${string}/retry`
    | `/webhooks/${string}/rotate`
    | `/webhooks/${string}/test`;
  put:
    | '/contact/policy'
    | `/plugins/${string}/orgs/${string}`
    | `/plugins/${string}/rights`
    | `/plugins/${string}/settings`
    | '/privacy/retention'
    | `/scripts/${string}/${string}/draft`
    | '/session/rules';
  patch:
    | `/kinds/${string}/fields/${string}`
    | `/kinds/${string}/labels`
    | `/records/customer/${string}`
    | `/records/data_request/${string}`
    | `/records/import_mapping/${string}`
    | `/records/org/${string}`
    | `/records/role/${string}`
    | `/records/saved_view/${string}`
    | `/records/team/${string}`
    | `/records/template/${string}`
    | `/records/user/${string}`
    | `/records/${string}/${string}`
    | `/segments/${string}`
    | `/webhooks/${string}`;
  delete:
    | '/account/links'
    | '/account/totp'
    | `/attachments/${string}`
    | `/kinds/${string}/fields/${string}`
    | `/plugins/${string}`
    | `/records/customer/${string}`
    | `/records/data_request/${string}`
    | `/records/import_mapping/${string}`
    | `/records/org/${string}`
    | `/records/role/${string}`
    | `/records/saved_view/${string}`
    | `/records/team/${string}`
    | `/records/template/${string}`
    | `/records/user/${string}`
    | `/records/${string}/${string}`
    | `/revocations/${string}`
    | `/segments/${string}`
    | '/session'
    | '/sessions'
    | `/sessions/${string}`
    | `/tokens/${string}`
    | `/users/${string}/links`
    | `/webhooks/${string}`;
}
