/**
 * Previews of pictures: drawn into a `canvas`, which needs no permission of a Content-Security-Policy.
 */

/** The attribute with the number of a file. */
const PREVIEW = "data-lanai-preview";

/** What each canvas shows. */
const shown = new WeakMap<HTMLCanvasElement, File>();

/** Draws the files that the canvases of the document name. */
export function drawPreviews(files: Map<number, File>): void {
  for (const canvas of document.querySelectorAll<HTMLCanvasElement>(`canvas[${PREVIEW}]`)) {
    const file = files.get(+canvas.getAttribute(PREVIEW)!);
    if (!file || shown.get(canvas) == file) continue;
    shown.set(canvas, file);
    draw(canvas, file);
  }
}

async function draw(canvas: HTMLCanvasElement, file: File): Promise<void> {
  const { width, height } = canvas;
  const context = canvas.getContext("2d")!;
  context.clearRect(0, 0, width, height);
  if (!/^image\//.test(file.type)) return;
  try {
    // A large picture is never decoded into its full size by browsers that can do so.
    const picture = await createImageBitmap(file, { resizeWidth: width * 2, resizeQuality: "medium" });
    if (shown.get(canvas) != file) return;
    const scale = Math.max(width / picture.width, height / picture.height);
    const [w, h] = [picture.width * scale, picture.height * scale];
    context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
    picture.close();
  } catch {
    // The browser does not know the format.
  }
}
