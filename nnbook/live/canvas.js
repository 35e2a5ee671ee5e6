// Repeats matplotlib's strokes on a canvas: what nnbook/live/strokes.py wrote down, in its order.

const PATH_CODES = { move: 1, line: 2, quadratic: 3, cubic: 4 }; // any other closes the path

// What is left to read of the points, codes and pixels that the marks share.
function reader({ points, codes, pixels }) {
  const floats = new Float32Array(points.buffer.slice(points.byteOffset, points.byteOffset + points.byteLength));
  let point = 0, code = 0, pixel = 0;
  return {
    coordinate: () => floats[point++],
    code: () => codes.getUint8(code++),
    pixels: (count) => {
      const start = pixels.byteOffset + pixel;
      pixel += count;
      return new Uint8ClampedArray(pixels.buffer.slice(start, start + count));
    },
  };
}

function readPath(count, { coordinate: c, code }) {
  const path = new Path2D();
  for (let done = 0; done < count; done++) {
    const kind = code();
    if (kind === PATH_CODES.move) path.moveTo(c(), c());
    else if (kind === PATH_CODES.line) path.lineTo(c(), c());
    else if (kind === PATH_CODES.quadratic) {
      path.quadraticCurveTo(c(), c(), c(), c()); code(); done += 1;
    } else if (kind === PATH_CODES.cubic) {
      path.bezierCurveTo(c(), c(), c(), c(), c(), c()); code(); code(); done += 2;
    } else {
      c(); c();
      path.closePath();
    }
  }
  return path;
}

function drawPath(context, mark, path) {
  if (mark.fill) context.fill(path);
  if (mark.stroke) context.stroke(path);
}

function drawMark(context, mark, read) {
  context.fillStyle = mark.fill ?? "";
  context.strokeStyle = mark.stroke ?? "";
  context.lineWidth = mark.width ?? 1;
  context.lineCap = mark.cap ?? "butt";
  context.lineJoin = mark.join ?? "round";
  context.miterLimit = 4; // matplotlib's
  context.setLineDash(mark.dash ?? []);
  context.lineDashOffset = mark.dash_offset ?? 0;
  const path = readPath(mark.count, read);
  if (mark.places === undefined) return drawPath(context, mark, path);
  for (let place = 0; place < mark.places; place++) {
    const x = read.coordinate(), y = read.coordinate();
    context.translate(x, y);
    drawPath(context, mark, path);
    context.translate(-x, -y);
  }
}

function drawImage(context, { image, opacity }, read) {
  const { width, height, matrix } = image;
  const small = new OffscreenCanvas(width, height);
  small.getContext("2d").putImageData(new ImageData(read.pixels(4 * width * height), width, height), 0, 0);
  context.imageSmoothingEnabled = false;
  context.globalAlpha = opacity ?? 1;
  context.transform(...matrix);
  context.drawImage(small, 0, 0);
}

function drawStrokes(context, strokes) {
  const read = reader(strokes);
  for (const mark of strokes.marks) {
    context.save();
    if (mark.clip) {
      context.beginPath();
      context.rect(...mark.clip);
      context.clip();
    }
    mark.image ? drawImage(context, mark, read) : drawMark(context, mark, read);
    context.restore();
  }
}

// Shows a whole frame: the paper with what stands still, and the strokes of what moves on it.
function drawFrame(context, { paper, strokes }) {
  const { canvas } = context;
  if (canvas.width !== paper.naturalWidth) canvas.width = paper.naturalWidth;
  if (canvas.height !== paper.naturalHeight) canvas.height = paper.naturalHeight;
  context.drawImage(paper, 0, 0);
  drawStrokes(context, strokes);
}
