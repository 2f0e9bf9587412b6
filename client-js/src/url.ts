/**
 * URLs.
 */

export function withoutFragment(url: string): string {
  return url.replace(/#.*/s, "");
}
