// The mark and the name.
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#1d4fd7" />
      <path d="M7 23V9.5l9 8.2 9-8.2V23" fill="none" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

/** `light`: on a dark ground. */
export function Brand({ light }: { light?: boolean }) {
  return (
    <span className={light ? 'brand brand-light' : 'brand'}>
      <Mark />
      <span className="brand-name">Marque</span>
    </span>
  );
}
