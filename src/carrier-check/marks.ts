/** The carriers whose restriction pages are asked. */
export const CARRIERS = ['docomo', 'kddi', 'softbank', 'rakuten', 'mineo'] as const;
export type Carrier = (typeof CARRIERS)[number];

/** ○ circle, △ triangle, × cross, － dash; unknown is what a person or a page could not tell. */
export const MARKS = ['circle', 'triangle', 'cross', 'dash', 'unknown'] as const;
export type Mark = (typeof MARKS)[number];
