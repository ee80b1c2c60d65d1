import type { JSX } from 'preact';
import type { LightName } from '../../../ports/view.js';

/** One shape for each light: what it says must not hang on its colour. Drawn on 24 × 24. */
const SHAPES: Readonly<Record<LightName, JSX.Element>> = {
  stale: <path d="M4 4l16 16M20 4L4 20" />,
  empty: <rect x="4" y="4" width="16" height="16" rx="2" stroke-dasharray="3 3" />,
  held: <path d="M8 5v14M16 5v14" />,
  detecting: <path d="M5 12h.01M12 12h.01M19 12h.01" />,
  identifying: <path d="M15.5 15.5L21 21M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z" />,
  working: <path d="M20 12a8 8 0 1 1-2.5-5.8M20 3v5h-5" />,
  stopping: <path d="M7 7h10v10H7zM2 12a10 10 0 1 0 20 0 10 10 0 0 0-20 0" />,
  'to-reader': <path d="M3 20h18M12 3v11M8 10l4 4 4-4" />,
  act: <path d="M12 3L22 21H2zM12 10v5M12 18h.01" />,
  remove: <path d="M12 4l8 10H4zM4 19h16" />,
  locked: <path d="M5 11h14v10H5zM8 11V8a4 4 0 0 1 8 0v3" />,
  'rack-fault': <path d="M13 2L5 13h6l-1 9 9-12h-6z" />,
  passed: <path d="M2 12a10 10 0 1 0 20 0 10 10 0 0 0-20 0M7 12l4 4 7-7" />,
  check: (
    <path d="M2 12a10 10 0 1 0 20 0 10 10 0 0 0-20 0M9 9.5a3 3 0 1 1 3 3.500V14M12 17.500h.01" />
  ),
  'check-failed': <path d="M2 2h20v20H2zM9 9.500a3 3 0 1 1 3 3.500V14M12 17.500h.01" />,
  quarantine: <path d="M8 2h8l6 6v8l-6 6H8l-6-6V8zM6 12h12" />,
  'quarantine-erased': <path d="M2 12a10 10 0 1 0 20 0 10 10 0 0 0-20 0M6 12h12" />,
  destroy: <path d="M5 5l14 14M19 5L5 19M2 2h20v20H2z" />,
  return: <path d="M9 14L3 9l6-5M3 9h11a6 6 0 0 1 0 12H8" />,
};

/** The shape of a light; what it says stands beside it as a word. */
export function Shape({ name }: { readonly name: LightName }) {
  return (
    <svg class="shape" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
