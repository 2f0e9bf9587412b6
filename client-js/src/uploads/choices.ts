/**
 * What people choose, drop and paste for an upload: on an `input`, or an element around it, with `data-lanai-upload`.
 */

import type { Chosen } from "./index.ts";

/** The attribute with the name of the upload. */
export const UPLOAD = "data-lanai-upload";
/** The attribute of an element while files are dragged over it. */
const DRAGGED = "data-lanai-dragged";
/** How many files of a directory are taken. */
const FILES = 10_000;

type Choose = (element: Element, files: Chosen[]) => void;

/** Takes the files that an `input` has. */
export function take(input: HTMLInputElement, choose: Choose): void {
  if (input.files?.length) choose(input, [...input.files].map((file) => [file, file.webkitRelativePath]));
  // So the same file can be chosen again.
  input.value = "";
}

/** Calls `choose` with the element that names the upload, and the files. */
export function listenToChoices(choose: Choose): void {
  /** The element over which files are dragged. */
  let over: Element | undefined;

  addEventListener("change", ({ target }) => {
    if ((target as Element).matches?.(`input[${UPLOAD}]`)) take(target as HTMLInputElement, choose);
  });

  for (const type of ["dragover", "dragleave", "drop"] as const) {
    addEventListener(type, (event) => {
      const { dataTransfer: transfer } = event;
      if (!transfer?.types.includes("Files") || event.defaultPrevented) return;
      const zone = zoneOf(event);
      // A file that misses its place would replace the page.
      if (zone || document.querySelector(`[${UPLOAD}]`)) event.preventDefault();
      transfer.dropEffect = zone ? "copy" : "none";
      mark(type == "dragover" ? zone : undefined);
      if (type == "drop" && zone) filesOf(transfer).then((files) => choose(zone, files));
    });
  }

  addEventListener("paste", (event) => {
    const zone = zoneOf(event);
    if (!zone || event.defaultPrevented || !event.clipboardData!.files.length) return;
    event.preventDefault();
    choose(zone, [...event.clipboardData!.files].map((file) => [file, ""]));
  });

  function mark(zone: Element | undefined): void {
    if (over == zone) return;
    over?.removeAttribute(DRAGGED);
    zone?.setAttribute(DRAGGED, "");
    over = zone;
  }
}

/** The element that takes what is dropped or pasted. */
function zoneOf(event: Event): Element | undefined {
  const zone = event.composedPath().find((node): node is Element => !!(node as Element).hasAttribute?.(UPLOAD));
  return zone?.matches(":disabled,fieldset:disabled *,[inert],[inert] *") ? undefined : zone;
}

/** The files that were dropped, also those in directories. */
async function filesOf({ items, files }: DataTransfer): Promise<Chosen[]> {
  // The browser forgets the items when the event is over.
  const entries = [...items].map((item) => item.webkitGetAsEntry?.());
  const flat = [...files].map((file): Chosen => [file, ""]);
  if (!entries.some((entry) => entry?.isDirectory)) return flat;
  const found: Chosen[] = [];
  const visit = async (entry: FileSystemEntry | null | undefined): Promise<void> => {
    if (!entry || found.length >= FILES) return;
    if (entry.isFile) {
      const file = await new Promise<File | undefined>((done) => (entry as FileSystemFileEntry).file(done, () => done(undefined)));
      if (file) found.push([file, entry.fullPath.slice(1)]);
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    // A reader returns some entries at a time.
    for (let some; (some = await new Promise<FileSystemEntry[]>((done) => reader.readEntries(done, () => done([])))).length; ) {
      for (const one of some) await visit(one);
    }
  };
  for (const entry of entries) await visit(entry);
  return found;
}
